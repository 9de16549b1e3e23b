import { readInventory, type StatementRecord } from '@expand-contract/control'
import {
  createRuntime,
  DECISIONS,
  type Decision,
  type Migration,
  quoteIdentifier,
  type Side,
} from '@expand-contract/core'
import { type OwnQueryResult, openTextPlans, parameterText } from '@expand-contract/session'
import type { BoundMigration } from '@expand-contract/sql'
import type { RunnerClient } from '../../runner-client.ts'
import type { GateFacts } from '../gate.ts'
import {
  type ComparedStatement,
  compareTwo,
  PLAN_LIMITS,
  type PlanComparison,
  type PlanLimits,
  type UnexplainedStatement,
} from './compare-plans.ts'
import { explainableText } from './explainable-text.ts'
import { type Explain, withExplainer } from './explainer.ts'
import type { PlanNode } from './plan-node.ts'

export interface CompareStatements extends PlanLimits {
  /** All that the application declares: they are in the same statements. @defaultValue the one migration */
  readonly declared?: readonly Migration[]
  /** Fingerprints of statements that may be dearer. @defaultValue none */
  readonly accepted?: readonly string[]
  /** How long it may take, in milliseconds; what was not explained until then is named. @defaultValue 60_000 */
  readonly budgetMs?: number
}

/** The control schema keeps 5,000 rows of a migration. */
const MAX_ROWS = 5_000

/**
 * Plans every statement that is recorded on the table of a migration twice, as this library would send it with reads of the old and of
 * the new column. Nothing is executed.
 */
export async function compareStatements(
  { control, client, migration }: GateFacts,
  { declared = [migration], accepted = [], budgetMs = 60_000, ...given }: CompareStatements = {},
): Promise<PlanComparison> {
  const limits = { ratio: given.ratio ?? PLAN_LIMITS.ratio, floor: given.floor ?? PLAN_LIMITS.floor }
  const end = performance.now() + budgetMs
  const statements = shapesOf(await readInventory(control, { migration: migration.id, limit: MAX_ROWS }))
  const compared: ComparedStatement[] = []
  const unexplained: UnexplainedStatement[] = []
  let alike = 0
  const { table } = migration
  const name = [...(table.schema === undefined ? [] : [table.schema]), table.name].map(quoteIdentifier).join('.')
  const runtime = await createRuntime({ migrations: declared })
  try {
    if (statements.length > 0)
      await withExplainer(client, name, async (explain) => {
        const plans = await openTextPlans(runtime, (query) => askAsText(client, query))
        for (const statement of statements) {
          const found =
            performance.now() >= end
              ? { reason: `not looked at: ${budgetMs / 1_000} s were over` }
              : await bothPlans(statement, explain, async (text, side) => {
                  const plan = await plans.plan(text, ({ migration: { id }, physical }) =>
                    id === migration.id ? READING[side] : OTHERS[physical],
                  )
                  return plan === undefined ? { outcome: 'unchanged', text } : plan
                })
          if (found === 'alike') alike += 1
          else if (found.reason !== undefined) unexplained.push({ ...shown(statement), reason: found.reason })
          else
            compared.push(
              compareTwo({ ...found, statement: { ...statement, text: statement.text ?? '' }, limits, accepted }),
            )
        }
      })
  } finally {
    await runtime.close()
  }
  return {
    ...{ shapes: statements.length, explained: compared.length, alike, limits, unexplained },
    worst: Math.max(1, ...compared.filter(({ newCost }) => newCost >= limits.floor).map(({ ratio }) => ratio)),
    named: compared
      .filter(({ dearer, seqScans }) => dearer || seqScans.length > 0)
      .toSorted((one, other) => Number(other.dearer) - Number(one.dearer) || other.ratio - one.ratio),
  }
}

const READING: Readonly<Record<Side, Decision>> = { old: DECISIONS.bothReadOld, new: DECISIONS.bothReadNew }

/** What other migrations of a statement do: they read what is right in every phase. */
const OTHERS: Readonly<Record<BoundMigration['physical'], Decision>> = {
  old: DECISIONS.oldOnly,
  both: DECISIONS.bothReadOld,
  new: DECISIONS.newOnly,
  // Those are in no plan.
  incomplete: DECISIONS.oldOnly,
}

type BothPlans =
  | { readonly old: PlanNode; readonly new: PlanNode; readonly reason?: undefined }
  | { readonly reason: string }

type Planned = { readonly outcome: string; readonly text: string }

async function bothPlans(
  { text: recorded, fingerprint }: StatementRecord,
  explain: Explain,
  planned: (text: string, side: Side) => Promise<Planned>,
): Promise<'alike' | BothPlans> {
  if (fingerprint === '') return { reason: 'the parser does not take it' }
  const { text, reason } = explainableText(recorded)
  if (text === undefined) return { reason }
  const [old, added] = [await planned(text, 'old'), await planned(text, 'new')]
  if (added.outcome === 'refused' || old.text === added.text) return 'alike'
  const [before, after] = [await explain(old.text), await explain(added.text)]
  if (before.plan === undefined) return { reason: before.reason }
  if (after.plan === undefined) return { reason: `on the new column: ${after.reason}` }
  return { old: before.plan, new: after.plan }
}

/** One row for each fingerprint, whichever application and side it was, the most frequent first; with its text where any has it. */
function shapesOf(rows: readonly StatementRecord[]): readonly StatementRecord[] {
  const groups = Map.groupBy(rows, ({ fingerprint, text }) => (fingerprint === '' ? `text ${text}` : fingerprint))
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      const { text } = group.find((each) => explainableText(each.text).text !== undefined) ?? first
      return [{ ...first, text, count: group.reduce((sum, { count }) => sum + count, 0) }]
    })
    .toSorted((one, other) => other.count - one.count)
}

const shown = ({ fingerprint, kind, text, count }: StatementRecord) => ({ fingerprint, kind, text, count })

/** A query of the catalog, whose values are to be texts whatever the driver makes of them. */
async function askAsText(
  client: RunnerClient,
  { text, values }: { readonly text: string; readonly values: readonly unknown[] },
): Promise<OwnQueryResult> {
  const answer = await client.query(text, values.map(parameterText))
  const fields: unknown = Reflect.get(answer, 'fields')
  return {
    rows: answer.rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, asText(value)]))),
    fields: Array.isArray(fields) ? fields : [],
  }
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 't' : 'f'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
