import { checkControl, DEFAULT_CONTROL_SCHEMA, openControl } from '@expand-contract/control'
import { ExpandContractError, type Migration, quoteTable } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import { chooseShield, mayBeReplica, readUserTriggers, type UserTrigger } from '../../backfill/user-triggers.ts'
import type { MigrationFacts } from '../../facts.ts'
import { expand } from '../../operations/expand.ts'
import { type Confirmation, expandRefusals } from '../../operations/refuse-expand.ts'
import { readFacts } from '../../read-facts.ts'
import { readValuesOfOthers } from '../../read-values-of-others.ts'
import { readMembers } from '../../rows/member.ts'
import type { RunnerClient } from '../../runner-client.ts'
import type { SyncPhase } from '../../sql/sync-function.ts'
import { type SyncShape, syncShape } from '../../sql/sync-shape.ts'
import { type SyncTriggerProblem, syncTriggerProblems } from '../../sync-trigger-problems.ts'
import type { ProjectFacts, RowFacts, TableDoctorFacts } from '../table-facts.ts'
import { readChecked } from './read-checked.ts'
import { readRows } from './read-rows.ts'
import { readSurroundings } from './read-surroundings.ts'

export interface ReadTable {
  readonly controlSchema?: string
  /** Rows of each table that are looked at; Infinity for all. */
  readonly rows: number
  readonly confirmed: readonly Confirmation[]
  readonly project: ProjectFacts
}

const NO_ROWS: RowFacts = { violating: [], mappingDependsOn: [], defaultDependsOn: [], defaultsPart: false }

/** All that is known of one migration. It changes nothing; what row security hides, or a privilege that is missing, raises within and is a finding. */
export async function readTable(
  client: RunnerClient,
  migration: Migration,
  { controlSchema = DEFAULT_CONTROL_SCHEMA, rows, confirmed, project }: ReadTable,
): Promise<TableDoctorFacts> {
  await loadParser()
  const read = await factsOf(client, migration, controlSchema)
  const { facts } = read
  const { table } = facts
  const shape = shapeOf(migration, facts)
  const there = (side: 'old' | 'new'): boolean =>
    migration[side].every(({ name }) => table?.columns.some((column) => column.name === name))
  const expanded = there('old') && there('new')
  const limit = Number.isFinite(rows) || table === undefined ? rows : await countRows(client, table)
  const surroundings =
    table === undefined ? undefined : await readSurroundings(client, migration, { oid: table.oid, controlSchema })
  return {
    ...{ migration, facts, table, shape, expanded, project, surroundings },
    refusals: [
      ...(await controlRefusal(client, facts)),
      ...(read.refusal === undefined ? expandRefusals(migration, facts, { confirmed }) : [read.refusal]),
      ...(await inUse(client, migration, facts)),
    ],
    checked: await readChecked(client, migration, limit),
    syncProblems: expanded && shape !== undefined ? problemsOf(shape, facts) : [],
    firing: table === undefined ? undefined : await firingOf(client, migration, facts),
    rows:
      shape === undefined || !there('old')
        ? NO_ROWS
        : await readRows(client, { shape, expanded, limit, constraints: surroundings?.constraints ?? [] }),
  }
}

/** A schema that is there, and of another version than this library works with. One that may not be read is another refusal. */
async function controlRefusal(
  client: RunnerClient,
  { control: { schema, exists } }: MigrationFacts,
): Promise<readonly ExpandContractError[]> {
  if (!exists) return []
  return checkControl(openControl(client, { schema })).then(
    () => [],
    (error: unknown) => {
      if (!ExpandContractError.isInstance(error)) throw error
      return error.code === 'EC_CONTROL_PRIVILEGE' ? [] : [error]
    },
  )
}

/** A type that the database does not have keeps the facts from being read; without types the rest can be. */
async function factsOf(
  client: RunnerClient,
  migration: Migration,
  controlSchema: string,
): Promise<{ readonly facts: MigrationFacts; readonly refusal: ExpandContractError | undefined }> {
  try {
    return { facts: await readFacts(client, migration, { controlSchema }), refusal: undefined }
  } catch (error) {
    if (!ExpandContractError.isInstance(error)) throw error
    const untyped = (side: Migration['old']) => side.map(({ name }) => ({ name, type: undefined }))
    const without: Migration = { ...migration, old: untyped(migration.old), new: untyped(migration.new) }
    return { facts: await readFacts(client, without, { controlSchema }), refusal: error }
  }
}

function shapeOf(migration: Migration, facts: MigrationFacts): SyncShape | undefined {
  const { table } = facts
  const old = migration.old.every(({ name }) => table?.columns.some((column) => column.name === name))
  if (table === undefined || !old) return undefined
  try {
    return syncShape(migration, { ...facts, table })
  } catch {
    return undefined
  }
}

async function countRows(client: RunnerClient, table: { readonly schema: string; readonly name: string }) {
  const { rows } = await client.query(`SELECT count(*)::pg_catalog.text AS rows FROM ${quoteTable(table)}`)
  return Math.max(1, Number(rows[0]?.rows))
}

/** By the phase that the trigger itself is written for. */
function problemsOf(shape: SyncShape, { trigger }: MigrationFacts): readonly SyncTriggerProblem[] {
  const phase = PHASES.find((each) => each === trigger?.phase)
  return trigger === undefined ? [] : syncTriggerProblems(shape, trigger, phase)
}

const PHASES: readonly SyncPhase[] = ['expand', 'switch', 'contract']

/** Values in the new column that are not of this migration, in the words of `expand`; what else it refuses is known by then. */
async function inUse(
  client: RunnerClient,
  migration: Migration,
  facts: MigrationFacts,
): Promise<readonly ExpandContractError[]> {
  try {
    const valuesOfOthers = await readValuesOfOthers(client, migration, facts)
    if (valuesOfOthers.length > 0)
      expand.plan(migration, facts, { valuesOfOthers, confirmed: ['publication', 'rewrite'] })
    return []
  } catch (error) {
    if (!ExpandContractError.isInstance(error)) throw error
    return error.code === 'EC_COLUMN_IN_USE' ? [error] : []
  }
}

/** What the backfill would be refused for. */
async function firingOf(
  client: RunnerClient,
  migration: Migration,
  { table, server }: MigrationFacts,
): Promise<TableDoctorFacts['firing']> {
  if (table === undefined) return undefined
  const triggers: UserTrigger[] = []
  const columns = migration.new.map(({ name }) => name)
  for (const member of await readMembers(client, table))
    triggers.push(...(await readUserTriggers(client, member, columns)))
  try {
    chooseShield(triggers, await mayBeReplica(client, server.version), { migration, role: server.role })
    return undefined
  } catch (error) {
    if (!ExpandContractError.isInstance(error)) throw error
    return { message: error.message, triggers: triggers.filter(({ before }) => !before) }
  }
}
