/** The majors that can be tested. The default run takes the oldest and the newest. */
export const SUPPORTED_MAJORS = [14, 15, 16, 17, 18] as const
export type PostgresMajor = (typeof SUPPORTED_MAJORS)[number]

/** A running PostgreSQL server, wherever it came from. */
export interface PostgresServer {
  readonly major: PostgresMajor
  /** As the server says it: `18.4`. */
  readonly version: string
  /** How it was come by, for the one line that a run prints. */
  readonly rung: 'given' | 'container' | 'embedded'
  /** A connection URL. @defaultValue the database `postgres` */
  url(database?: string): string
  /** Stops what was started and removes its data; a given server is left alone. */
  stop(): Promise<void>
}

export interface StartPostgres {
  readonly major: PostgresMajor
  /**
   * True keeps fsync on and the data on disk: for benchmarks that quote commits, and for the demo.
   * @defaultValue false: no fsync, data in memory where the machine has room there
   */
  readonly durable?: boolean
  /** Server settings on top, by name. A given server is not changed. @defaultValue none */
  readonly settings?: Readonly<Record<string, string>>
}

/** `url` with its database replaced. */
export function urlOfDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

export function asMajor(value: number, where: string): PostgresMajor {
  const major = SUPPORTED_MAJORS.find((supported) => supported === value)
  if (major === undefined)
    throw new Error(`${where} is PostgreSQL ${value}. The supported majors are ${SUPPORTED_MAJORS.join(', ')}.`)
  return major
}
