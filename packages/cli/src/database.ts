import { types } from 'node:util'
import { ExpandContractError } from '@expand-contract/core'
import pg from 'pg'
import { cancelRequest } from './cancel-request.ts'
import { cliError } from './cli-error.ts'
import type { Connection } from './config/config.ts'
import type { ParsedConfig } from './config/parse-config.ts'
import type { Io } from './io.ts'
import type { Output } from './output/output.ts'

/** Which database it is, for the head of a screen. */
export interface DatabaseFacts {
  readonly name: string
  readonly host: string
  readonly role: string
  readonly version: string
  readonly standby: boolean
}

export interface OpenDatabase extends AsyncDisposable {
  readonly client: pg.Client
  readonly facts: DatabaseFacts
  /** One more: to `work` as the first one does, or to look and to keep a lease from beside. @defaultValue beside */
  connect(use?: 'work' | 'beside'): Promise<pg.Client>
  /** Cancels what the connections that work run just now. */
  cancel(): void
  /** What has failed, where that was the connection. @returns EC_CONNECTION_LOST, or the error as it is */
  explained(error: unknown): unknown
}

export interface DatabaseRequest {
  readonly io: Io
  readonly output: Output
  readonly config: ParsedConfig
  /** That of --url. */
  readonly url: string | undefined
  /** What the server shows as `application_name`: `expand-contract backfill users.full_name`. */
  readonly name: string
}

/** @throws EC_CONNECTION */
export async function openDatabase({ io, output, config, url, name }: DatabaseRequest): Promise<OpenDatabase> {
  const given = await connectionOf(url ?? config.url ?? io.env.DATABASE_URL)
  output.hide(...secretsOf(given, io))
  if (url !== undefined && /:\/\/[^/@]*:[^/@]+@/u.test(url))
    output.warn(
      'warning: a password in --url can be seen by everybody on this machine (ps); DATABASE_URL or PGPASSFILE cannot.',
    )
  const clients: pg.Client[] = []
  const working: pg.Client[] = []
  let lost = false
  const connect = async (use: 'work' | 'beside' = 'beside'): Promise<pg.Client> => {
    const client = made({ ...asConfig(given), application_name: name.slice(0, 63) })
    if (typeof client.password === 'string') output.hide(client.password)
    client.on('error', () => {
      lost = true
    })
    try {
      await client.connect()
      await leaveNothing(client)
    } catch (cause) {
      throw notConnected(`${client.database ?? ''} at ${client.host}:${client.port} as ${client.user ?? ''}`, cause)
    }
    clients.push(client)
    if (use === 'work') working.push(client)
    return client
  }
  const client = await connect('work')
  return {
    client,
    facts: await factsOf(client),
    connect,
    cancel: () => working.forEach((each) => void cancelRequest(each)),
    explained: (error) => (lost || saysGoodbye(error) ? connectionLost(client, name, error) : error),
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each.end().catch(() => undefined)))
    },
  }
}

async function connectionOf(given: Connection | undefined): Promise<string | pg.ClientConfig> {
  const connection = typeof given === 'function' ? await given() : given
  if (connection !== undefined && connection !== '') return connection
  throw cliError('EC_CONNECTION', {
    message: 'No database is named.',
    hint: 'Set DATABASE_URL, or `url` in the configuration, or pass --url. A .env file is read with --env-file .env alone.',
  })
}

/** Known before anything is tried, since what fails may quote it, whole or decoded. */
function secretsOf(given: string | pg.ClientConfig, { env }: Io): readonly string[] {
  const own =
    typeof given === 'string' ? /\/\/[^:/@]*:(?<password>.+)@/su.exec(given)?.groups?.password : given.password
  const passwords = [own, env.PGPASSWORD].filter((each) => typeof each === 'string')
  // One with a slash, which should have been encoded, is torn apart: a part of it is taken for the database.
  const torn = passwords.flatMap((password) => password.split(/[/?#]/u)).filter((part) => part.length > 2)
  return [...passwords, ...torn].flatMap((password) => [password, decoded(password)])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const asConfig = (given: string | pg.ClientConfig): pg.ClientConfig =>
  typeof given === 'string' ? { connectionString: given } : given

/** A URL that is none is found when the client is made. */
function made(config: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(config)
  } catch (cause) {
    throw notConnected('that is named', cause)
  }
}

function notConnected(database: string, cause: unknown): Error {
  const why = types.isNativeError(cause) ? cause.message : String(cause)
  return cliError('EC_CONNECTION', {
    message: `No connection to the database ${database}: ${why}.`,
    hint: 'Check host, port, role and password; PostgreSQL must be running and reachable from here.',
    cause,
  })
}

/** The server has said that it ends the connection, or goes down; the driver tells of that a moment later. */
const saysGoodbye = (error: unknown): boolean =>
  types.isNativeError(error) && 'code' in error && /^(?:57P0[1-5]|08\w{3})$/u.test(String(error.code))

function connectionLost({ database, host, port }: pg.Client, name: string, cause: unknown): Error {
  if (ExpandContractError.isInstance(cause)) return cause
  const why = types.isNativeError(cause) ? cause.message : String(cause)
  return cliError('EC_CONNECTION_LOST', {
    message: `The connection to ${database ?? ''} at ${host}:${port} was lost while ${name} ran: ${why}.`,
    hint: 'When the server is back, run the same command again: it goes on where it stood. A lease that it held ends within 30 s.',
    cause,
  })
}

/**
 * The statement that runs ends when this process is gone. Behind a pooler, which gives out another process id, the setting would stay with a
 * connection of others, and on some platforms it cannot be set.
 */
async function leaveNothing(client: pg.Client): Promise<void> {
  const { processID } = client as { readonly processID?: unknown }
  await client
    .query(
      `SELECT pg_catalog.set_config('client_connection_check_interval', '10s', false) WHERE pg_catalog.pg_backend_pid() = $1`,
      [processID],
    )
    .catch(() => undefined)
}

async function factsOf(client: pg.Client): Promise<DatabaseFacts> {
  const { rows } = await client.query(
    `SELECT pg_catalog.current_database() AS name, current_user AS role, pg_catalog.pg_is_in_recovery() AS standby,
       pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1) AS version`,
  )
  const [row] = rows
  return { name: row.name, host: client.host, role: row.role, version: row.version, standby: row.standby }
}
