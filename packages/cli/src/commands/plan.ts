import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { openControl, readMigration } from '@expand-contract/control'
import { ExpandContractError, type Migration, shellWord } from '@expand-contract/core'
import {
  BACKFILL_PROFILES,
  bringsAllBack,
  type Confirmation,
  checkDeclarationInForce,
  compareParity,
  expand,
  readFacts,
  readParityFacts,
  readValuesOfOthers,
  syncShape,
} from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { textOption } from '../command-option.ts'
import type { ParsedConfig } from '../config/parse-config.ts'
import type { OpenDatabase } from '../database.ts'
import { hazardsOf, type PlannedHazards } from '../doctor/planned-hazards.ts'
import { runDoctor } from '../doctor/run-doctor.ts'
import type { CliCommand } from '../run-command.ts'
import type { PlannedTable } from '../screens/plan-line.ts'
import { type PlannedStage, type PlanView, planScreen, planSql } from '../screens/plan-screen.ts'

export const planCommand: CliCommand = {
  name: 'plan',
  usage: 'plan [id]',
  summary: 'what expand would do now, with the locks it takes, and what follows; changes nothing',
  options: [
    ['--sql', 'as a script that psql runs, and nothing else'],
    ['--out <file>', 'writes the plan into a file, as JSON', 'file'],
    ['--exit-code', 'ends with 4 where something is to be done'],
  ],
  examples: ['plan users.full_name', 'plan users.full_name --sql > expand.sql'],
  async run(context, [id], options) {
    const migrations = id === undefined ? await context.migrations() : [await context.migration(id)]
    await using database = await context.database(id)
    const read: Plan[] = []
    for (const migration of migrations) read.push(await planOf(context, database, migration, id === undefined))
    const plans = options.sql === true ? read : await withHazards(context, database, read)
    const pending = plans.filter(isPending)
    const out = textOption(options, 'out')
    const told = plans.map(({ migration, stages, refused, hazards }) => ({
      ...{ migration: migration.id, stages, refused, doctor: hazards },
    }))
    const json = id === undefined ? { migrations: told } : { stages: told[0]?.stages, doctor: told[0]?.doctor }
    if (out !== undefined) await writeFile(resolve(context.io.cwd, out), `${JSON.stringify(json, undefined, 2)}\n`)
    return {
      ending: options.exitCode === true && pending.length > 0 ? 'found' : 'done',
      migration: id,
      result: json,
      ...(options.sql === true
        ? sqlOf(plans)
        : screenOf(plans, { database, out, costs: costsOf(await context.config()) })),
      next: options.sql === true ? [] : nextOf(pending, id),
    }
  },
}

/** The plan of one migration; where it is one of many, a refusal does not keep the others back. */
interface Plan {
  readonly migration: Migration
  readonly stages: readonly PlannedStage[]
  readonly table: PlannedTable | undefined
  readonly refused: string | undefined
  /** undefined: doctor was not asked, since expand has nothing to do, or is refused. */
  readonly hazards?: PlannedHazards | undefined
}

const isPending = ({ stages }: Plan): boolean =>
  stages.some(({ actions, later }) => actions.length > 0 && later !== true)

/** What `expand` would be told by doctor, of those that it has something to do for. */
async function withHazards(
  context: CommandContext,
  database: OpenDatabase,
  plans: readonly Plan[],
): Promise<readonly Plan[]> {
  const pending = plans.filter(isPending).map(({ migration }) => migration)
  if (pending.length === 0) return plans
  const report = await runDoctor(context, database, pending)
  return plans.map((plan) => (isPending(plan) ? { ...plan, hazards: hazardsOf(report, plan.migration.id) } : plan))
}

async function planOf(
  context: CommandContext,
  database: OpenDatabase,
  migration: Migration,
  many: boolean,
): Promise<Plan> {
  try {
    return { migration, refused: undefined, ...(await readPlan(context, database, migration)) }
  } catch (error) {
    if (!many || !ExpandContractError.isInstance(error)) throw error
    return { migration, stages: [], table: undefined, refused: error.message }
  }
}

const sqlOf = (plans: readonly Plan[]): Pick<CommandResult, 'text' | 'bare'> => ({
  text: planSql(plans.flatMap(({ stages }) => stages)),
  bare: true,
})

const costsOf = ({ soakMs, holdMs, backfill: { batchMs, profile } }: ParsedConfig): PlanView['costs'] => ({
  ...{ soakMs, holdMs, batchMs: batchMs ?? BACKFILL_PROFILES[profile].batchMs },
})

function screenOf(
  plans: readonly Plan[],
  {
    database: { facts: database },
    out,
    costs,
  }: { readonly database: OpenDatabase; readonly out: string | undefined; readonly costs: PlanView['costs'] },
): Pick<CommandResult, 'text'> {
  const ending = `Nothing was changed.${out === undefined ? '' : ` It is in ${out} as well.`}`
  return {
    text: (options) =>
      plans
        .map(({ refused, ...plan }) =>
          refused === undefined
            ? planScreen({ ...plan, database, whole: true, ending, costs }, options)
            : `Plan for ${plan.migration.id}: refused\n${refused}`,
        )
        .join('\n\n'),
  }
}

const nextOf = (pending: readonly Plan[], id: string | undefined): NonNullable<CommandResult['next']> =>
  pending.length === 0
    ? [{ command: ['expand-contract status', ...(id === undefined ? [] : [shellWord(id)])].join(' ') }]
    : pending
        .slice(0, 1)
        .flatMap(({ migration: { id } }) => [
          { command: `expand-contract expand ${shellWord(id)}` },
          { command: `expand-contract plan ${shellWord(id)} --sql`, why: 'the same for psql' },
        ])

/** @throws what expand refuses */
export async function planStages(
  context: CommandContext,
  database: OpenDatabase,
  migration: Migration,
  confirmed: readonly Confirmation[] = [],
): Promise<readonly PlannedStage[]> {
  return (await readPlan(context, database, migration, confirmed)).stages
}

async function readPlan(
  context: CommandContext,
  { client }: OpenDatabase,
  migration: Migration,
  confirmed: readonly Confirmation[] = [],
): Promise<Pick<Plan, 'stages' | 'table'>> {
  await loadParser()
  const { schema } = await context.config()
  const facts = await readFacts(client, migration, { controlSchema: schema })
  const record = facts.control.exists ? await readMigration(openControl(client, { schema }), migration.id) : undefined
  checkDeclarationInForce(migration, record, facts)
  const begun = record !== undefined && record.phase !== 'off'
  const valuesOfOthers = begun ? [] : await readValuesOfOthers(client, migration, facts)
  const parity = await readParityFacts(client, migration, { controlSchema: schema })
  const actions = expand.plan(migration, facts, { phase: record?.phase, valuesOfOthers, confirmed, parity })
  const { table } = facts
  const rest =
    table === undefined || parity === undefined
      ? []
      : compareParity(syncShape(migration, { ...facts, table }), parity).afterBackfill
  const exact = table === undefined || (await bringsAllBack(client, syncShape(migration, { ...facts, table })))
  const after = { name: 'parity', actions: rest, later: parity?.backfilled !== true }
  return {
    stages: [{ name: 'expand', actions }, ...(rest.length === 0 ? [] : [after])],
    table: table === undefined ? undefined : { name: table.name, rows: table.rows, bytes: table.bytes, exact },
  }
}
