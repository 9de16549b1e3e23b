import {
  isContracted,
  type Migration,
  type MigrationFinding,
  type MigrationFindingCode,
  type Runtime,
  type WarningEvent,
} from '@expand-contract/core'
import type { Catalog } from '@expand-contract/sql'
import { DEFAULT_CATALOG_REFRESH_MS } from '../catalog/catalog-options.ts'
import { meantInstead } from '../catalog/nearest-name.ts'
import type { Engine } from '../engine/engine.ts'
import { engineOf } from '../engine/engine-of.ts'
import type { OwnQuery, OwnQueryResult } from '../own-query/own-query.ts'
import { unhurried } from '../own-query/unhurried.ts'
import { answered, attempted, type Findings, stateOf } from './check-step.ts'
import { type CheckedTable, hasSide, qualifiedName } from './checked-table.ts'
import { checkMappings } from './mapping-check.ts'
import { checkSample } from './sample-check.ts'
import { checkSessions } from './session-check.ts'
import { checkSurroundings } from './surroundings-check.ts'
import { checkTypes } from './type-check.ts'

export interface CheckOptions {
  /** Rows of each table that are brought to the new columns and back; 0 for none. @defaultValue 1000 */
  readonly sampleRows?: number
}

/** For a driver: it runs one query after the other, outside of a transaction, without planning it. */
export type AskCheck = (query: OwnQuery) => Promise<OwnQueryResult>

/** See `checkMigrations` of each driver's package. It never rejects. */
export async function checkWith(
  runtime: Runtime,
  ask: AskCheck,
  { sampleRows = 1_000 }: CheckOptions = {},
): Promise<readonly MigrationFinding[]> {
  try {
    const engine = engineOf(runtime, DEFAULT_CATALOG_REFRESH_MS)
    if (engine.loading !== undefined) await engine.loading
    if (engine.failure !== undefined) return [notChecked(engine.failure)]
    const found = await answered(checkAll(engine, sampleRows), ask)
    return found.toSorted((one, other) => RANK[one.severity] - RANK[other.severity])
  } catch (error) {
    return [notChecked(error)]
  }
}

const RANK: Readonly<Record<MigrationFinding['severity'], number>> = { error: 0, warning: 1, info: 2 }

function notChecked(error: unknown): MigrationFinding {
  return {
    code: 'not-checked',
    severity: 'error',
    migration: undefined,
    table: undefined,
    message: `The migrations could not be checked: ${stateOf(error)}.`,
    hint: 'Hand over a pool or connection on which the database answers, outside of a transaction.',
  }
}

function* checkAll(engine: Engine, sampleRows: number): Findings {
  const { migrations } = engine.runtime
  const warnings: WarningEvent[] = []
  const store = engine.storeApart({ onWarning: (warning) => warnings.push(warning) })
  const { snapshot } = yield* unhurried(
    store.load({ known: undefined, missing: [], ownCatalog: false, begunAt: undefined }),
    false,
  )
  const { catalog, phases } = snapshot
  const found: MigrationFinding[] = warnings.map((warning) => told(warning, migrations))
  for (const checked of checkedTables(catalog, migrations)) {
    found.push(...neverHad(checked, (migration) => engine.runtime.phaseOf(migration, phases)))
    const broken = engine.brokenMappings.get(checked.migration.id)
    if (broken === undefined) found.push(...(yield* checkTable(checked, sampleRows)))
    else
      found.push({
        ...checked.subject,
        code: 'mapping-fails',
        severity: 'error',
        message: broken.message,
        hint: broken.hint,
      })
  }
  // Migrations of one table have the same neighbours.
  return [...new Map(found.map((each) => [each.message, each])).values()]
}

function* checkTable(checked: CheckedTable, sampleRows: number): Findings {
  const { subject } = checked
  const types = yield* attempted('The types', subject, () => checkTypes(checked))
  const mappings = yield* attempted('The mappings', subject, () => checkMappings(checked))
  const usable = [...types, ...mappings].every(({ severity }) => severity !== 'error')
  const sample =
    usable && sampleRows > 0 && hasSide(checked, 'old')
      ? yield* attempted('The values', subject, () => checkSample(checked, sampleRows))
      : []
  const surroundings = yield* attempted('Triggers and views', subject, () => checkSurroundings(checked))
  const sessions = yield* attempted('Other sessions', subject, () => checkSessions(checked))
  return [...types, ...mappings, ...sample, ...surroundings, ...sessions]
}

const checkedTables = ({ tables }: Catalog, migrations: readonly Migration[]): readonly CheckedTable[] =>
  migrations.flatMap((migration) =>
    tables.flatMap((table) =>
      table.migrations
        .filter((bound) => bound.migration === migration && bound.inheritedFrom === undefined)
        .map((bound) => ({
          migration,
          table,
          bound,
          subject: { migration: migration.id, table: qualifiedName(table) },
        })),
    ),
  )

function neverHad(
  { migration, table, bound, subject }: CheckedTable,
  phaseOf: Runtime['phaseOf'],
): readonly MigrationFinding[] {
  const { neverHad: names, physical } = bound
  if (names.length === 0 || physical !== 'new' || isContracted(phaseOf(migration))) return []
  const others = table.columns.map(({ name }) => name)
  const old = names.map((name) => JSON.stringify(name)).join(', ')
  return [
    {
      ...subject,
      code: 'never-had-column',
      severity: 'error',
      message: `The table has the new columns of the migration ${migration.id} and not ${old}, and never had: no column of it was dropped. Its statements are refused.${meantInstead(names, others)}`,
      hint: `Correct the old column in the declaration, or record that the migration is finished: phases: fixedPhases({ ${JSON.stringify(migration.id)}: 'contract' }).`,
    },
  ]
}

/** What the catalog's warnings are as findings. */
const TOLD: Readonly<Record<string, readonly [MigrationFindingCode, MigrationFinding['severity'], string]>> = {
  'missing-table': ['missing-table', 'error', 'Correct the table in the declaration, or create it.'],
  'missing-columns': ['missing-columns', 'error', 'Correct the columns in the declaration, or create them.'],
  'missing-new-column': ['missing-new-column', 'error', 'Add the column, or correct its name in the declaration.'],
  'old-column-gone': ['old-column-gone', 'warning', 'Correct the old column, or record the phase contract.'],
  'unseen-writer': [
    'unseen-writer',
    'warning',
    'Write both columns there, or install the sync trigger (docs/sync-trigger.md).',
  ],
  EC_VOLATILE_FUNCTION: [
    'volatile-function',
    'error',
    'Declare the function IMMUTABLE if it is, or write the mapping without it.',
  ],
  EC_CONFLICT: ['conflict', 'error', 'Remove one of the two declarations.'],
}

function told({ code, message, migration }: WarningEvent, migrations: readonly Migration[]): MigrationFinding {
  const [name, severity, hint] = TOLD[code] ?? ['check-failed', 'warning', 'See the message.']
  const { schema, name: table } = migrations.find(({ id }) => id === migration)?.table ?? {}
  return { code: name, severity, migration, table: schema === undefined ? table : `${schema}.${table}`, message, hint }
}
