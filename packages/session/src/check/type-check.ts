import type { MigratingColumn, MigrationFinding } from '@expand-contract/core'
import { describeTypes, withoutModifiers } from '../catalog/absent-types.ts'
import type { Asking } from '../own-query/own-query.ts'
import { type Findings, stateOf } from './check-step.ts'
import type { CheckedTable } from './checked-table.ts'

/** Declared types: whether the database has them, and whether they are those of the columns. */
export function* checkTypes(checked: CheckedTable): Findings {
  const { migration } = checked
  const found: MigrationFinding[] = []
  for (const column of [...migration.old, ...migration.new])
    if (column.type !== undefined) found.push(...(yield* checkType(checked, column, column.type)))
  return found
}

function* checkType({ migration, table, subject }: CheckedTable, { name }: MigratingColumn, type: string): Findings {
  const of = `the column ${JSON.stringify(name)} of the migration ${migration.id}`
  const unknown = (why: string) =>
    ({
      ...subject,
      code: 'unknown-type',
      severity: 'error',
      message: `The type ${type} of ${of} ${why}.`,
      hint: 'Correct the type in the declaration, or create it; outside of the search path it needs its schema.',
    }) as const
  const oid = yield* typeOid(type)
  if (oid === undefined) return [unknown('is not in this database')]
  const asked = {
    migration: migration.id,
    column: name,
    sql: `NULL::${type}`,
    oid,
    declared: type,
    collation: undefined,
  }
  let declared: string | undefined
  try {
    declared = (yield* describeTypes([asked]))[0]?.type.declared
  } catch (error) {
    return [unknown(`cannot be used: PostgreSQL answered ${stateOf(error)}`)]
  }
  const actual = table.columns.find((column) => column.name === name)?.type.declared
  if (actual === undefined || declared === undefined || actual === declared) return []
  return [
    {
      ...subject,
      code: 'type-differs',
      severity: 'warning',
      message: `The type of ${of} is declared as ${declared}, and is ${actual} in the database.`,
      hint: 'What counts is the type in the database while the column is there. Declare the same one.',
    },
  ]
}

/** The oid of a type text, without its length or precision. */
export function* typeOid(type: string): Asking<number | undefined> {
  const text = 'SELECT pg_catalog.to_regtype($1::pg_catalog.text)::pg_catalog.oid::pg_catalog.text AS oid'
  const { rows } = yield { text, values: [withoutModifiers(type)] }
  const oid = rows[0]?.oid
  return oid == null ? undefined : Number(oid)
}
