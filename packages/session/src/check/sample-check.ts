import {
  type MigratingColumn,
  type MigrationFinding,
  quoteIdentifier,
  quoteTable,
  roundTripQuery,
} from '@expand-contract/core'
import { type Findings, stateOf } from './check-step.ts'
import { type CheckedTable, typeText } from './checked-table.ts'

/** What becomes of the first rows of the table: whether the new columns take their values, and whether these come back. */
export function* checkSample(checked: CheckedTable, rows: number): Findings {
  const found = [...(yield* checkLengths(checked, rows)), ...(yield* checkRoundTrip(checked, rows))]
  // A value that is cut does not come back either.
  return found.slice(0, 1)
}

function* checkRoundTrip({ migration, table, subject, ...rest }: CheckedTable, limit: number): Findings {
  const typed = ({ name, type }: MigratingColumn): MigratingColumn => ({
    name,
    type: type ?? typeText({ migration, table, subject, ...rest }, name),
  })
  const here = { ...migration, table, old: migration.old.map(typed), new: migration.new.map(typed) }
  try {
    const { rows } = yield { text: roundTripQuery(here, { limit }), values: [] }
    const [all, differing] = [Number(rows[0]?.rows ?? 0), Number(rows[0]?.differing ?? 0)]
    if (differing === 0) return []
    return [
      {
        ...subject,
        code: 'not-reversible',
        severity: 'error',
        message: `Of the first ${all} rows of ${quoteTable(table)}, ${differing} have another value once the migration ${migration.id} has brought it to the new columns and back.`,
        hint: 'Give mappings that undo each other for every value that occurs. `roundTripQuery(migration)` counts the rows of the whole table; run it before reads move.',
      },
    ]
  } catch (error) {
    const state = stateOf(error)
    if (!state.startsWith('22')) throw error
    return [
      {
        ...subject,
        code: 'value-range',
        severity: 'error',
        message: `The first ${limit} rows of ${quoteTable(table)} have a value that a mapping of the migration ${migration.id}, or the type of its new column, does not take: PostgreSQL answered ${state}.`,
        hint: 'Choose a wider type, or a mapping for such values. From the new column on a statement that writes one would fail.',
      },
    ]
  }
}

/** A cast cuts a string where the write of both columns would raise 22001. */
function* checkLengths(checked: CheckedTable, limit: number): Findings {
  const { migration, table, subject } = checked
  const limited = migration.new.flatMap(({ name }) => {
    const type = typeText(checked, name)
    const length = /^(?:character varying|varchar|character|char)\s*\((\d+)\)$/iu.exec(type ?? '')?.[1]
    const mapping = migration.forward[name]
    if (length === undefined || mapping === undefined) return []
    const value = mapping.kind === 'column' ? quoteIdentifier(mapping.column) : `(${mapping.sql})`
    return [{ name, type, sql: `pg_catalog.length(pg_catalog.rtrim((${value})::pg_catalog.text, ' ')) > ${length}` }]
  })
  if (limited.length === 0) return []
  const old = migration.old.map(({ name }) => quoteIdentifier(name)).join(', ')
  const counts = limited.map(({ sql }, nr) => `pg_catalog.count(*) FILTER (WHERE ${sql})::pg_catalog.text AS n${nr}`)
  const { rows } = yield {
    text: `SELECT ${counts.join(', ')} FROM (SELECT ${old} FROM ${quoteTable(table)} LIMIT ${limit}) AS there`,
    values: [],
  }
  return limited.flatMap(({ name, type }, nr): readonly MigrationFinding[] => {
    const count = Number(rows[0]?.[`n${nr}`] ?? 0)
    if (count === 0) return []
    return [
      {
        ...subject,
        code: 'value-range',
        severity: 'error',
        message: `Of the first ${limit} rows of ${quoteTable(table)}, ${count} have a value that is too long for ${JSON.stringify(name)} of the type ${type}.`,
        hint: 'Choose a wider type, or shorten the value in the mapping. From the new column on a statement that writes such a value would fail with 22001.',
      },
    ]
  })
}
