import { type Mapping, type MigrationFinding, quoteIdentifier, type Side } from '@expand-contract/core'
import type { Asking } from '../own-query/own-query.ts'
import { type Findings, stateOf } from './check-step.ts'
import { type CheckedTable, typeText } from './checked-table.ts'
import { typeOid } from './type-check.ts'

/** Whether PostgreSQL takes each mapping, and can store and read what it yields. Nothing is evaluated. */
export function* checkMappings(checked: CheckedTable): Findings {
  const { migration } = checked
  const found: MigrationFinding[] = []
  for (const side of ['new', 'old'] as const)
    for (const { name } of migration[side]) {
      const mapping = migration[side === 'new' ? 'forward' : 'backward'][name]
      const why = mapping && (yield* problemOf(checked, { side, name, mapping }))
      if (why === undefined) continue
      found.push({
        ...checked.subject,
        code: 'mapping-fails',
        severity: 'error',
        message: `The mapping of ${JSON.stringify(name)} in the migration ${migration.id} ${why}.`,
        hint: 'Correct the mapping, or create what it calls. While the old column is alone no statement is concerned; from the new column on every write of the table would fail.',
      })
    }
  return found
}

interface CheckedMapping {
  /** The side of the column that it computes. */
  readonly side: Side
  readonly name: string
  readonly mapping: Mapping
}

function* problemOf(checked: CheckedTable, { side, name, mapping }: CheckedMapping): Asking<string | undefined> {
  const { migration } = checked
  const sources = migration[side === 'new' ? 'old' : 'new'].map(
    (source) => [source.name, typeText(checked, source.name)] as const,
  )
  if (sources.some(([, type]) => type === undefined)) return undefined
  const row = sources.map(([source, type]) => `NULL::${type} AS ${quoteIdentifier(source)}`).join(', ')
  const value = mapping.kind === 'column' ? quoteIdentifier(mapping.column) : `(${mapping.sql})`
  const target = typeText(checked, name)
  const described = (sql: string) => ({
    text: `SELECT ${sql} AS value FROM (SELECT ${row} OFFSET 0) AS source LIMIT 0`,
    values: [],
    described: true as const,
  })
  try {
    const { fields } = yield described(value)
    if (target === undefined) return undefined
    // What is read is cast; what is stored beside the application's value is assigned, unless it is one column.
    if (mapping.kind === 'column' || side === migration.app) yield described(`${value}::${target}`)
    else if (!(yield* isAssignable(fields[0]?.dataTypeID, target)))
      return `yields a type that cannot be stored in a column of the type ${target}: cast it in the mapping`
    return undefined
  } catch (error) {
    return `fails: PostgreSQL answered ${stateOf(error)}`
  }
}

/** As PostgreSQL has it for assignments: https://www.postgresql.org/docs/current/typeconv-query.html */
const ASSIGNABLE_QUERY = `WITH RECURSIVE chain(nr, oid) AS (
    SELECT u.nr, u.oid FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS u(oid, nr)
    UNION ALL SELECT c.nr, t.typbasetype FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.oid AND t.typtype = 'd'),
  base AS (SELECT c.nr, t.oid, t.typcategory, t.typelem FROM chain c
    JOIN pg_catalog.pg_type t ON t.oid = c.oid AND t.typtype <> 'd'),
  pair AS (SELECT s.oid AS source, t.oid AS target FROM base s JOIN base t ON s.nr = 1 AND t.nr = 2
    UNION ALL SELECT s.typelem, t.typelem FROM base s JOIN base t ON s.nr = 1 AND t.nr = 2
      AND s.typcategory = 'A' AND t.typcategory = 'A')
SELECT coalesce(pg_catalog.bool_or(p.source = p.target OR p.source = 705
    OR (SELECT y.typcategory = 'S' FROM pg_catalog.pg_type y WHERE y.oid = p.target)
    OR EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = p.source AND c.casttarget = p.target
      AND c.castcontext IN ('a', 'i'))), true)::pg_catalog.text AS assignable FROM pair p`

function* isAssignable(source: number | undefined, target: string): Asking<boolean> {
  const oid = yield* typeOid(target)
  if (source === undefined || oid === undefined) return true
  const { rows } = yield { text: ASSIGNABLE_QUERY, values: [[source, oid]] }
  return rows[0]?.assignable !== 'false'
}
