import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError, sqlState } from '../runner-error.ts'
import type { BackupCopy } from './backup-copy.ts'
import type { BackupHeader } from './backup-file.ts'
import { digestSql, plainType } from './backup-sql.ts'
import { type OwnBackupHeader, type OwnRows, ownRequest } from './own-backup.ts'

export interface LoadOwnRows {
  readonly client: RunnerClient
  readonly copy: BackupCopy
  readonly own: OwnRows
  readonly of: OwnBackupHeader
  readonly snapshot?: string | undefined
  /** The table of `scratchColumns` that they go to, as SQL; it is made by the caller. */
  readonly scratch: string
}

export interface OwnRowsLoaded {
  readonly rows: number
  /** As the command has written them. */
  readonly bytes: number
  /** The same for the same rows, in whatever order they come. */
  readonly fingerprint: string
}

const GIVEN = 'pg_temp."expand_contract_given_rows"'

/**
 * Rows that a command gives back, in a scratch table as one of a file has: with the digest of their new columns. In the transaction of the caller.
 * @throws EC_BACKUP_ROWS, and what the command raises
 */
export async function loadOwnRows({ client, copy, own, of, snapshot, scratch }: LoadOwnRows): Promise<OwnRowsLoaded> {
  const { header, format } = of
  await client.query(`CREATE TEMPORARY TABLE "expand_contract_given_rows" (${givenColumns(header)}) ON COMMIT DROP`)
  let bytes = 0
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length
      done(null, part)
    },
  })
  const into = `COPY ${GIVEN} FROM STDIN (FORMAT ${format}, ENCODING 'UTF8')`
  try {
    await pipeline(own.rows(ownRequest(of, snapshot)), counted, copy.from(into))
    await client.query(`INSERT INTO ${scratch} SELECT ${scratchValues(header)} FROM ${GIVEN}`)
    await client.query(`CREATE UNIQUE INDEX ON ${scratch} (${names('k', header.key.length).join(', ')})`)
  } catch (error) {
    throw OF_ROWS.test(sqlState(error) ?? '') ? otherRows(of, error) : error
  }
  await client.query(`DROP TABLE ${GIVEN}; ANALYZE ${scratch}`)
  const { rows } = await client.query(fingerprintSql(header, scratch))
  const [row] = rows
  const parts = [row?.rows, row?.a, row?.b, row?.c, row?.d].join(':')
  return { rows: Number(row?.rows), bytes, fingerprint: createHash('sha256').update(parts).digest('hex') }
}

/** What is wrong with data, keys, or columns. A full disk, a lost connection or an interrupt is not the fault of the rows. */
const OF_ROWS = /^(?:22|23|42|54)/u

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`)

const givenColumns = ({ key, old, new: added }: BackupHeader): string =>
  [
    ...key.map(({ type, collation }, index) => `k${index + 1} ${type}${collation ? ` COLLATE ${collation}` : ''}`),
    ...old.map((column, index) => `o${index + 1} ${plainType(column)}`),
    ...added.map(({ type }, index) => `n${index + 1} ${type}`),
  ].join(', ')

const scratchValues = ({ key, old, new: added }: BackupHeader): string =>
  [...names('k', key.length), ...names('o', old.length), digestSql(names('n', added.length))].join(', ')

/** Sums of hashes, since rows have no order. The values are spelled under `VALUE_SETTINGS`. */
function fingerprintSql({ key, old }: BackupHeader, scratch: string): string {
  const row = [...names('k', key.length), ...names('o', old.length), 'digest'].join(', ')
  const hash = `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((ROW(${row}))::pg_catalog.text, 'UTF8')), 'hex')`
  const part = (at: number): string =>
    `coalesce(pg_catalog.sum(('x' || pg_catalog.substr(h.hash, ${at * 15 + 1}, 15))::pg_catalog.bit(60)::pg_catalog.int8), 0)::pg_catalog.text`
  return `SELECT pg_catalog.count(*)::pg_catalog.text AS rows, ${['a', 'b', 'c', 'd'].map((name, at) => `${part(at)} AS ${name}`).join(', ')}
    FROM (SELECT ${hash} AS hash FROM ${scratch}) AS h`
}

/** PostgreSQL's own text has values in it. */
function otherRows({ columns, format }: OwnBackupHeader, cause: unknown): Error {
  const line = /line (?<line>\d+)/u.exec(String(Object(cause).where))?.groups?.line
  const twice = sqlState(cause) === '23505'
  const why = twice
    ? 'they have a key twice'
    : `PostgreSQL does not take them (${sqlState(cause)}${line === undefined ? '' : `, line ${line}`})`
  return runnerError('EC_BACKUP_ROWS', {
    message: `What the command has given back are not the rows that were asked for: ${why}. Nothing was changed.`,
    hint: `It is to write ${columns.map((name) => JSON.stringify(name)).join(', ')} of every row once, as COPY writes them with FORMAT ${format}, and nothing else, to its standard output; EXPAND_CONTRACT_QUERY selects them.`,
    // What caused it is left out: its text has values.
  })
}
