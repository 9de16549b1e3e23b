import type { MigrationFinding } from '@expand-contract/core'
import type { Findings } from './check-step.ts'
import { type CheckedTable, hasSide, qualifiedName } from './checked-table.ts'

/** What stands beside the statements of the application: triggers and rules, generated columns, views. */
export function* checkSurroundings(checked: CheckedTable): Findings {
  return [...generatedColumns(checked), ...refusedTriggers(checked), ...(yield* views(checked))]
}

const columnNames = ({ migration }: CheckedTable): readonly string[] =>
  [...migration.old, ...migration.new].map(({ name }) => name)

function generatedColumns(checked: CheckedTable): readonly MigrationFinding[] {
  const { table, subject, migration } = checked
  const names = columnNames(checked)
  return table.columns
    .filter(({ name, generated }) => generated && names.includes(name))
    .map(({ name }) => ({
      ...subject,
      code: 'generated-column',
      severity: 'error',
      message: `The column ${JSON.stringify(name)} of ${qualifiedName(table)}, which the migration ${migration.id} names, is computed by PostgreSQL (GENERATED ALWAYS AS): writes of the table will be refused.`,
      hint: 'Migrate the columns that it is computed from.',
    }))
}

function refusedTriggers(checked: CheckedTable): readonly MigrationFinding[] {
  const { table, subject, migration, bound } = checked
  const names = columnNames(checked)
  if (bound.syncTrigger) return []
  return table.triggers
    .filter(({ mentions }) => mentions.some((column) => names.includes(column)))
    .map(({ name, mentions }) => ({
      ...subject,
      code: 'user-trigger',
      severity: 'warning',
      message: `The trigger or rule ${JSON.stringify(name)} of ${qualifiedName(table)} works on ${mentions
        .filter((column) => names.includes(column))
        .map((column) => JSON.stringify(column))
        .join(
          ', ',
        )} behind the statements: while both columns of the migration ${migration.id} are written, INSERT and UPDATE are refused (user-trigger).`,
      hint: 'Compute the value in the application, or install the sync trigger (docs/sync-trigger.md).',
    }))
}

/** Views that name these columns of a table; those of whole rows included. */
const VIEWS_QUERY = `WITH direct AS (
    SELECT DISTINCT w.ev_class AS oid FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.oid
      AND (a.attname = ANY ($2::pg_catalog.name[]) OR w.ev_action::pg_catalog.text LIKE '%:varattno 0 %'))
SELECT pg_catalog.string_agg(pg_catalog.format('%s.%s', n.nspname, c.relname), ', ' ORDER BY n.nspname, c.relname) AS views
FROM direct JOIN pg_catalog.pg_class c ON c.oid = direct.oid AND c.relkind IN ('v', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

function* views(checked: CheckedTable): Findings {
  const { table, subject, migration } = checked
  if (!hasSide(checked, 'old')) return []
  const { rows } = yield { text: VIEWS_QUERY, values: [table.oid, migration.old.map(({ name }) => name)] }
  const found = rows[0]?.views
  if (found == null) return []
  return [
    {
      ...subject,
      code: 'view',
      severity: 'info',
      message: `The old column of the migration ${migration.id} is named by views of ${qualifiedName(table)}: ${found}. They show the old column whatever the flag says, and keep it from being dropped.`,
      hint: 'Replace them by views on the new column before the old one is dropped.',
    },
  ]
}
