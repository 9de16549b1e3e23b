import { shellWord } from '@expand-contract/core'
import type { Gate, GateFacts } from './gate.ts'
import type { ComparedStatement, PlanComparison } from './plans/compare-plans.ts'
import { type CompareStatements, compareStatements } from './plans/compare-statements.ts'

export interface PlansGate extends Gate {
  readonly plans: PlanComparison
}

/**
 * Whether statements stay as cheap on the new column, by the plans that PostgreSQL makes of them without values. It plans every statement
 * shape that is recorded, so it is a gate of its own beside `readSwitchGates`. `loadParser` of `@expand-contract/sql` must have been awaited.
 */
export async function readPlansGate(facts: GateFacts, options: CompareStatements = {}): Promise<PlansGate> {
  const plans = await compareStatements(facts, options)
  const { id } = facts.migration
  const open = plans.named.filter(({ dearer, accepted }) => dearer && !accepted)
  const gate: PlansGate = { id: 'plans', ok: open.length === 0, detail: detailOf(plans), plans }
  if (open.length === 0) return gate
  const fingerprints = open.map(({ fingerprint }) => `plans:${fingerprint}`).join(',')
  return {
    ...gate,
    more: open.map((each) => `${namedText(each)}: ${shortened(each.text)}`),
    remedy: `switch ${shellWord(id)} --accept ${fingerprints} --reason "..."`,
  }
}

function detailOf(plans: PlanComparison): string {
  const { shapes, explained, alike, worst, limits, named, unexplained } = plans
  if (shapes === 0) return 'no statement shape is recorded; processes that have joined the fleet record theirs'
  const met = named.filter(({ dearer, accepted }) => !dearer || accepted)
  return [
    `${explained} statement ${explained === 1 ? 'shape' : 'shapes'} explained both ways, worst ${times(worst)} (limit ${times(limits.ratio)})`,
    ...(alike === 0 ? [] : [`${alike} the same on either column`]),
    ...met.map(namedText),
    ...(unexplained.length === 0 ? [] : [`${unexplained.length} not explained: ${reasonsOf(plans)}`]),
  ].join('; ')
}

const times = (ratio: number): string => `${ratio < 10 ? ratio.toFixed(1).replace(/\.0$/u, '') : Math.round(ratio)} x`

const MOST = 160

const shortened = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)}...` : text)

/** A whole table that is read in place of an index is told whatever it costs. */
function namedText({ fingerprint, ratio, oldCost, newCost, dearer, accepted, seqScans }: ComparedStatement): string {
  const verdict = accepted ? 'accepted' : dearer ? 'dearer' : 'below the limits'
  const scans = seqScans.map(({ relation, insteadOf }) => `, Seq Scan on ${relation} in place of ${insteadOf}`).join('')
  return `${fingerprint} ${verdict} (cost ${Math.round(oldCost)} to ${Math.round(newCost)}, ${times(ratio)}${scans})`
}

function reasonsOf({ unexplained }: PlanComparison): string {
  const groups = Map.groupBy(unexplained, ({ reason }) => reason)
  return [...groups]
    .map(([reason, all]) => {
      const names = all.slice(0, 3).map(({ fingerprint, kind }) => `${kind} ${fingerprint}`.trim())
      return `${all.length} (${names.join(', ')}${all.length > 3 ? ', ...' : ''}) ${reason}`
    })
    .join(', ')
}
