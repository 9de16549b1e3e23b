import { DEFAULT_CONTROL_SCHEMA } from '@expand-contract/control'
import { ExpandContractError, type MigratingColumn, type Migration, quoteIdentifier } from '@expand-contract/core'
import { heldColumnName, mentionedColumns, type TriggerText } from '@expand-contract/sql'
import type { ControlPlace } from './control-schema.ts'
import type { ColumnFacts, MigrationFacts, TableFacts, TypeFacts } from './facts.ts'
import { FACTS_QUERY, NAMES_QUERY, TYPES_QUERY } from './facts-query.ts'
import { readTriggerState } from './read-sync-trigger.ts'
import { inReadTransaction } from './read-transaction.ts'
import type { RunnerClient } from './runner-client.ts'
import { runnerError, sqlState } from './runner-error.ts'
import { mappingProbe } from './sql/mapping-probe.ts'
import { syncShape } from './sql/sync-shape.ts'

/**
 * Reads all that the operations look at to make their plans, in one short read-only transaction. Table and types are those that the
 * search path of the connection means.
 * @throws EC_NO_TYPE for a declared type that the database does not have
 */
export function readFacts(
  client: RunnerClient,
  migration: Migration,
  { controlSchema = DEFAULT_CONTROL_SCHEMA }: ControlPlace = {},
): Promise<MigrationFacts> {
  return inReadTransaction(client, async () => {
    const columns = [...migration.old, ...migration.new]
    const texts = [...new Set(columns.flatMap(({ type }) => type ?? []))]
    const { schema, name } = migration.table
    const answer = await client.query(NAMES_QUERY, [schema ?? null, name, texts.map(withoutModifiers)])
    const names = JSON.parse(String(answer.rows[0]?.names)) as Names
    await client.query("SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)")
    const types = await readTypes(client, migration, { texts, named: names.types ?? [] })
    const read = await client.query(FACTS_QUERY, [
      ...[names.table, [...columns, ...heldColumns(migration)].map((column) => column.name), controlSchema],
    ])
    const { server, control, table } = JSON.parse(String(read.rows[0]?.facts)) as Content
    const facts: MigrationFacts = {
      server,
      control: { schema: controlSchema, exists: control !== null, writable: control?.writable ?? false },
      declared: declaredTypes(columns, types),
      table: table === null ? undefined : tableOf(table, columns),
      trigger:
        table === null ? undefined : await readTriggerState(client, migration, { oid: table.oid, controlSchema }),
      mappingError: undefined,
    }
    return { ...facts, mappingError: await mappingError(client, migration, facts) }
  })
}

/** An old column may have been set aside. */
const heldColumns = ({ old }: Migration): readonly MigratingColumn[] =>
  old.map((column) => ({ ...column, name: heldColumnName(column.name) }))

/** It comes last, since an error ends the transaction. */
async function mappingError(client: RunnerClient, migration: Migration, facts: MigrationFacts): Promise<unknown> {
  const { table } = facts
  const there = table?.columns.map(({ name }) => name) ?? []
  if (table === undefined || !migration.old.every(({ name }) => there.includes(name))) return undefined
  try {
    const { path, sql } = mappingProbe(syncShape(migration, { ...facts, table }))
    await client.query("SELECT pg_catalog.set_config('search_path', $1, true)", [path])
    await client.query(sql)
    return undefined
  } catch (error) {
    if (!ExpandContractError.isInstance(error)) return error
    // Which type is missing, the plan says.
    if (error.code === 'EC_NO_TYPE') return undefined
    throw error
  }
}

interface NamedType {
  readonly schema: string
  readonly name: string
  readonly array: boolean
}

interface Names {
  readonly table: number | null
  readonly types: readonly (NamedType | null)[] | null
}

type TableContent = Omit<TableFacts, 'columns' | 'keyColumns' | 'triggers' | 'publications' | 'rows' | 'bytes'> & {
  readonly columns:
    | readonly (Omit<ColumnFacts, 'collation' | 'defaults' | 'exact'> & {
        readonly collation: string | null
        readonly defaults: readonly string[] | null
        readonly deterministic: boolean
      })[]
    | null
  readonly keyColumns: readonly string[] | null
  readonly triggers: readonly (TriggerText & { readonly name: string })[] | null
  readonly publications: readonly string[] | null
  readonly rows: number | null
  readonly bytes: number | null
}

interface Content {
  readonly server: MigrationFacts['server']
  readonly control: { readonly writable: boolean } | null
  readonly table: TableContent | null
}

function tableOf(content: TableContent, migrating: readonly MigratingColumn[]): TableFacts {
  const names = migrating.map(({ name }) => name)
  return {
    ...content,
    columns: (content.columns ?? []).map(({ collation, defaults, ...column }) => ({
      ...withExactness(column),
      collation: collation ?? undefined,
      defaults: defaults ?? [],
    })),
    keyColumns: content.keyColumns ?? [],
    triggers: (content.triggers ?? []).map((trigger) => ({
      name: trigger.name,
      mentions: mentionedColumns(trigger, names),
    })),
    publications: content.publications ?? [],
    rows: content.rows ?? -1,
    bytes: content.bytes ?? 0,
  }
}

/** Types of which equal values are the same bytes: not numeric (1.0 and 1.00), float8 (0 and -0), bpchar, citext, jsonb, nor those without equality. */
const EXACT: ReadonlySet<string> = new Set(
  'bool bytea date int2 int4 int8 oid text time timestamp timestamptz uuid varchar'
    .split(' ')
    .map((name) => `pg_catalog.${name}`),
)

function withExactness<T extends { readonly base: string; readonly deterministic: boolean }>({
  deterministic,
  ...type
}: T): Omit<T, 'deterministic'> & { readonly exact: boolean } {
  return { ...type, exact: EXACT.has(type.base) && deterministic }
}

/** The type alone: a length or precision that it cannot have would fail the query that looks for it. */
const withoutModifiers = (type: string): string =>
  type.replaceAll(/"(?:[^"]|"")*"|\s*\([^()"]*\)/gu, (part) => (part.startsWith('"') ? part : ''))

const declaredTypes = (
  columns: readonly MigratingColumn[],
  types: ReadonlyMap<string, TypeFacts>,
): Readonly<Record<string, TypeFacts>> =>
  Object.fromEntries(
    columns.flatMap(({ name, type }) => {
      const facts = type === undefined ? undefined : types.get(type)
      return facts === undefined ? [] : [[name, facts]]
    }),
  )

interface TypesToRead {
  readonly texts: readonly string[]
  readonly named: readonly (NamedType | null)[]
}

/**
 * Types by the texts that declare them. EXPLAIN spells a type as `format_type` does, with the modifiers that its input function makes of
 * the text, and without a table to put it in; `to_regtypemod` came with PostgreSQL 17.
 */
async function readTypes(
  client: RunnerClient,
  migration: Migration,
  { texts, named }: TypesToRead,
): Promise<ReadonlyMap<string, TypeFacts>> {
  if (texts.length === 0) return new Map()
  const asked = texts.map((text, index) => qualifiedType(migration, text, named[index]))
  const list = asked.map((type) => `NULL::${type}`).join(', ')
  let output: readonly string[]
  try {
    const { rows } = await client.query(`EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) SELECT ${list}`)
    const plan: unknown = rows[0]?.['QUERY PLAN']
    output = (typeof plan === 'string' ? JSON.parse(plan) : plan)[0].Plan.Output
  } catch (cause) {
    if (sqlState(cause) === undefined) throw cause
    throw noType(migration, texts.join(', '), cause)
  }
  const spelled = output.map((text) => text.replace(/^.*::(?=(?:[^"]|"[^"]*")*$)/u, ''))
  const { rows } = await client.query(TYPES_QUERY, [asked.map(withoutModifiers), spelled])
  const read = JSON.parse(String(rows[0]?.types)) as readonly (Omit<TypeFacts, 'exact'> & { deterministic: boolean })[]
  const facts = read.map(withExactness)
  return new Map(texts.flatMap((text, index) => (facts[index] ? [[text, facts[index]]] : [])))
}

/** The text with the schema of its type, which for PostgreSQL's own types it needs none of. */
function qualifiedType(migration: Migration, text: string, type: NamedType | null | undefined): string {
  if (!type) throw noType(migration, text)
  if (type.schema === 'pg_catalog') return text
  const modifiers = /\([^()"]*\)/u.exec(text.replaceAll(/"(?:[^"]|"")*"/gu, ''))?.[0] ?? ''
  return `${quoteIdentifier(type.schema)}.${quoteIdentifier(type.name)}${modifiers}${type.array ? '[]' : ''}`
}

const noType = (migration: Migration, text: string, cause?: unknown) =>
  runnerError('EC_NO_TYPE', {
    message: `The migration ${migration.id} declares the type ${text}, which the database does not have.`,
    hint: 'Correct the type in the declaration, or create it; outside of the search path it needs its schema.',
    migration: migration.id,
    cause,
  })
