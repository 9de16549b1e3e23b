/** A stream that is written to, as far as it is used. */
export interface OutStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface InStream {
  readonly isTTY?: boolean | undefined
}

/** The process, as the commands see it; a test has one of its own. */
export interface Io {
  readonly stdin: InStream & NodeJS.ReadableStream
  readonly stdout: OutStream
  readonly stderr: OutStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Calls back for the first and every further signal; what it returns ends that. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
  /** Who is at the keyboard: `dana`. */
  readonly user: string
  readonly host: string
  /** The number of this process, which others are told who find the migration taken. */
  readonly pid: number
}
