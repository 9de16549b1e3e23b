import type { OwnBackupRequest, OwnRows } from '@expand-contract/runner'
import type pg from 'pg'
import type { CommandContext } from '../command-context.ts'
import { bytesText } from '../output/duration.ts'
import { type OperatorCommand, operatorOutput, runOperatorCommand } from './operator-command.ts'

/** The variables that the commands of an operator are told, beside those of this process. */
export const OPERATOR_VARIABLES = {
  EXPAND_CONTRACT_MIGRATION: 'the id',
  EXPAND_CONTRACT_DATABASE: 'the database',
  EXPAND_CONTRACT_TABLE: 'the table, quoted and with its schema',
  EXPAND_CONTRACT_COLUMNS: 'key, old and new columns, quoted, with commas',
  EXPAND_CONTRACT_QUERY: 'a SELECT of these columns, for COPY (...) TO STDOUT',
  EXPAND_CONTRACT_FORMAT: 'how rows come back: text or csv',
  EXPAND_CONTRACT_SNAPSHOT: 'for pg_dump --snapshot; empty where rows are given back for a restore',
  EXPAND_CONTRACT_SCRATCH: 'a name that is free for a scratch database',
} as const satisfies Readonly<Record<string, string>>

/** As `psql` and `pg_dump` find the database that this process works with, and spell values so that nothing is lost. */
function connectionVariables(client: pg.Client, options = ''): Readonly<Record<string, string>> {
  const { host, port, user, database, password } = client
  return {
    ...{ PGHOST: host, PGPORT: String(port), PGCLIENTENCODING: 'UTF8' },
    ...(user !== undefined && { PGUSER: user }),
    ...(database !== undefined && { PGDATABASE: database }),
    ...(typeof password === 'string' && password !== '' && { PGPASSWORD: password }),
    PGOPTIONS: [options, ...SPELLED.map((setting) => `-c ${setting}`)].join(' ').trim(),
  }
}

const SPELLED = [
  ...['DateStyle=ISO,YMD', 'IntervalStyle=postgres', 'TimeZone=UTC', 'extra_float_digits=3', 'bytea_output=hex'],
  ...['lc_monetary=C', 'client_min_messages=warning'],
]

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

function operatorVariables(
  { migration, database, table, columns, query, snapshot }: OwnBackupRequest,
  format: string,
): Readonly<Record<keyof typeof OPERATOR_VARIABLES, string>> {
  return {
    ...{ EXPAND_CONTRACT_MIGRATION: migration, EXPAND_CONTRACT_DATABASE: database },
    EXPAND_CONTRACT_TABLE: `${quoted(table.schema)}.${quoted(table.name)}`,
    EXPAND_CONTRACT_COLUMNS: columns.map(quoted).join(', '),
    ...{ EXPAND_CONTRACT_QUERY: query, EXPAND_CONTRACT_FORMAT: format, EXPAND_CONTRACT_SNAPSHOT: snapshot ?? '' },
    EXPAND_CONTRACT_SCRATCH: `ec_scratch_${process.pid}_${Date.now().toString(36)}`,
  }
}

export interface OperatorRows {
  readonly client: pg.Client
  /** The line that gives the rows back. */
  readonly restore: string
  readonly format: string
  readonly timeoutMs: number | undefined
}

type Run = Omit<OperatorCommand, 'line' | 'flag'>

const runOf = (context: CommandContext, given: OperatorRows, request: OwnBackupRequest): Run => ({
  cwd: context.io.cwd,
  env: {
    ...context.io.env,
    ...connectionVariables(given.client, context.io.env.PGOPTIONS),
    ...operatorVariables(request, given.format),
  },
  onError: (line) => context.output.warn(`| ${line}`),
  signal: context.stop.signal,
  timeoutMs: given.timeoutMs,
})

/** The rows that `--restore-command` gives back. */
export const operatorRows = (context: CommandContext, given: OperatorRows): OwnRows => ({
  rows: (request) =>
    operatorOutput({ ...runOf(context, given, request), line: given.restore, flag: '--restore-command' }),
})

/** Runs `--command`. */
export async function makeOperatorBackup(
  context: CommandContext,
  given: OperatorRows & { readonly command: string },
  request: OwnBackupRequest,
): Promise<void> {
  const bytes = await runOperatorCommand({ ...runOf(context, given, request), line: given.command, flag: '--command' })
  if (bytes > 0)
    context.output.warn(
      `warning: --command has written ${bytesText(bytes)} to its standard output, which were thrown away: let it write to a file.`,
    )
}
