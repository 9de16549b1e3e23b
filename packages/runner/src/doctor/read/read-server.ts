import { inReadTransaction } from '../../read-transaction.ts'
import type { RunnerClient } from '../../runner-client.ts'
import type { DoctorLimits, ServerDoctorFacts } from '../server-facts.ts'
import { SERVER_QUERY, SESSION_SETTINGS } from './server-query.ts'

export interface ReadServer {
  readonly limits: DoctorLimits
  readonly neededBytes: number
  /** The process that the connection was told at its start; a pooler tells one of its own. */
  readonly backendPid?: number | undefined
  /** Opens one more connection by the same way. */
  readonly connect?: (() => Promise<RunnerClient>) | undefined
  /** Free bytes of the volume of a folder on this machine. */
  readonly freeBytes?: ((folder: string) => Promise<number | undefined>) | undefined
}

type Content = {
  readonly [Key in keyof ServerDoctorFacts]: ServerDoctorFacts[Key] | null
} & { readonly pid: number; readonly dataDirectory: string | null }

export async function readServer(client: RunnerClient, options: ReadServer): Promise<ServerDoctorFacts> {
  const { rows } = await inReadTransaction(client, () => client.query(SERVER_QUERY, [[...SESSION_SETTINGS]]))
  const content = JSON.parse(String(rows[0]?.facts)) as Content
  const { pid, dataDirectory, version, database, role, standby, seesSessions } = content
  return {
    ...{ version: version ?? 0, database: database ?? '', role: role ?? '', standby: standby === true },
    settings: (content.settings ?? []).map(({ name, value, roles }) => ({
      name,
      value: value ?? undefined,
      roles: roles ?? [],
    })),
    pooler: await poolerBetween(client, pid, options),
    freeBytes: dataDirectory === null ? undefined : await options.freeBytes?.(dataDirectory),
    neededBytes: options.neededBytes,
    extensions: content.extensions ?? [],
    slots: content.slots ?? [],
    replicas: content.replicas ?? [],
    prepared: content.prepared ?? [],
    transactions: content.transactions ?? [],
    seesSessions: seesSessions === true,
    limits: options.limits,
  }
}

/** How often a second connection is asked: a pooler hands out the connection that was given back last. */
const TRIES = 5

/**
 * PgBouncer and its like answer the start of a connection themselves, with a process of their own. Two clients that stay connected
 * and are served by one process of the server share it, statement by statement or transaction by transaction.
 */
async function poolerBetween(
  client: RunnerClient,
  pid: number,
  { backendPid, connect }: ReadServer,
): Promise<ServerDoctorFacts['pooler']> {
  if (backendPid === undefined) return 'unknown'
  if (backendPid === pid) return 'none'
  if (connect === undefined) return 'some'
  const other = await connect()
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [own, others] = [await pidOf(client), await pidOf(other)]
    if (own === others) return 'shared'
  }
  return 'some'
}

async function pidOf(client: RunnerClient): Promise<number> {
  const { rows } = await client.query('SELECT pg_catalog.pg_backend_pid()::pg_catalog.int4 AS pid')
  return Number(rows[0]?.pid)
}
