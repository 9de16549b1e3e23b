import { ExpandContractError } from '@expand-contract/core'
import pg from 'pg'
import Cursor from 'pg-cursor'
import type { Step } from './example.ts'
import type { ErrorSeen, Observation, ResultSeen } from './observation.ts'

/** Values arrive as the text on the wire, so that a parser hides nothing. */
const RAW = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig

interface Results {
  readonly command: string
  readonly rowCount: number | null
  readonly fields: readonly pg.FieldDef[]
  readonly rows: readonly unknown[]
}

/** Sends one statement as an application would, and records what came back. Type names are by OID. */
export async function observe(
  client: pg.ClientBase,
  step: Step,
  types: ReadonlyMap<number, string>,
): Promise<Observation> {
  try {
    const results = await send(client, step)
    return { kind: 'results', results: results.map((result) => resultSeen(result, types)) }
  } catch (error) {
    if (ExpandContractError.isInstance(error)) return { kind: 'refused', code: error.code, message: error.message }
    if (error instanceof pg.DatabaseError) return { kind: 'error', error: errorSeen(error) }
    throw error
  }
}

async function send(
  client: pg.ClientBase,
  { sql, values, form = 'rows-as-arrays' }: Step,
): Promise<readonly Results[]> {
  const given = values === undefined ? {} : { values: [...values] }
  const asArrays = { text: sql, ...given, rowMode: 'array' as const, types: RAW }
  // Every other text finds the client busy, so that its turn has to be waited for.
  if (sql.length % 2 === 0) client.query('select 1').catch(() => {})
  switch (form) {
    case 'rows-as-arrays':
      return list(await client.query(asArrays))
    case 'rows-as-objects':
      return list(values === undefined ? await client.query(sql) : await client.query(sql, [...values]))
    case 'extended':
      return list(await client.query(extended(asArrays)))
    case 'named': {
      const named = { ...asArrays, name: nameOf(sql) }
      const first = await client.query(named)
      const second = await client.query(named)
      return [...list(first), ...list(second)]
    }
    case 'cursor': {
      const cursor = client.query(new Cursor(sql, [...(values ?? [])]))
      const rows: unknown[] = []
      for (let chunk = await cursor.read(2); chunk.length > 0; chunk = await cursor.read(2)) rows.push(...chunk)
      await cursor.close()
      return [{ command: 'cursor', rowCount: rows.length, fields: [], rows }]
    }
  }
}

/** `queryMode` is an option of pg that its types leave out. */
const extended = (config: pg.QueryArrayConfig): pg.QueryArrayConfig => Object.assign(config, { queryMode: 'extended' })

const names = new Map<string, string>()

/** One name per text, as the driver demands. */
function nameOf(sql: string): string {
  const name = names.get(sql) ?? `statement-${names.size}`
  names.set(sql, name)
  return name
}

const list = (result: Results | readonly Results[]): readonly Results[] => [result].flat()

function resultSeen({ command, rowCount, fields, rows }: Results, types: ReadonlyMap<number, string>): ResultSeen {
  return {
    command,
    rowCount,
    fields: (fields ?? []).map((field) => ({
      name: field.name,
      type: types.get(field.dataTypeID) ?? `oid ${field.dataTypeID}`,
      modifier: field.dataTypeModifier,
    })),
    rows: rows.map((row) => (Array.isArray(row) ? (row as (string | null)[]) : [JSON.stringify(row)])),
  }
}

function errorSeen(error: pg.DatabaseError): ErrorSeen {
  return {
    code: error.code ?? '',
    message: error.message,
    detail: error.detail,
    hint: error.hint,
    schema: error.schema,
    table: error.table,
    column: error.column,
    dataType: error.dataType,
    constraint: error.constraint,
    position: error.position,
  }
}

/** The names of all types of a database by OID. Own types, rows of tables among them, come with their schema. */
export async function typeNames(client: pg.ClientBase): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(
    `select t.oid::int as oid, case when t.typnamespace = 'pg_catalog'::regnamespace then t.typname::text
       else n.nspname || '.' || t.typname end as name
     from pg_type t join pg_namespace n on n.oid = t.typnamespace`,
  )
  return new Map(rows.map(({ oid, name }) => [oid, name]))
}
