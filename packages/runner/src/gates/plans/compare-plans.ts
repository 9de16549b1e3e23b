import type { StatementRecord } from '@expand-contract/control'
import { type PlanNode, planText, type SeqScan, seqScansInstead } from './plan-node.ts'

/** From which on a statement is markedly dearer. */
export interface PlanLimits {
  /** The total cost on the new column, divided by that on the old one. @defaultValue 2 */
  readonly ratio?: number
  /** Plans that are cheaper than this on the new column do not count, in PostgreSQL's units of cost: about a hundred pages. @defaultValue 100 */
  readonly floor?: number
}

export const PLAN_LIMITS: Required<PlanLimits> = Object.freeze({ ratio: 2, floor: 100 })

/** One shape of a statement, planned on either column. */
export interface ComparedStatement {
  readonly fingerprint: string
  readonly kind: string
  /** As it was recorded, without values. */
  readonly text: string
  /** How often it was sent. */
  readonly count: number
  readonly oldCost: number
  readonly newCost: number
  readonly ratio: number
  /** Beyond the limits. */
  readonly dearer: boolean
  readonly accepted: boolean
  readonly seqScans: readonly SeqScan[]
  readonly oldPlan: string
  readonly newPlan: string
}

export interface UnexplainedStatement {
  readonly fingerprint: string
  readonly kind: string
  readonly text: string | undefined
  readonly count: number
  readonly reason: string
}

export interface PlanComparison {
  /** Statement shapes that are recorded. */
  readonly shapes: number
  /** Those that were explained both ways. */
  readonly explained: number
  /** Those that are one and the same text on either column, or are refused. */
  readonly alike: number
  /** The highest ratio of those that count. */
  readonly worst: number
  readonly limits: Required<PlanLimits>
  /** Those that are dearer, or read a whole table where an index was used; the worst first. */
  readonly named: readonly ComparedStatement[]
  readonly unexplained: readonly UnexplainedStatement[]
}

export interface TwoPlans {
  readonly statement: Pick<StatementRecord, 'fingerprint' | 'kind' | 'count'> & { readonly text: string }
  readonly old: PlanNode
  readonly new: PlanNode
  readonly limits: Required<PlanLimits>
  readonly accepted: readonly string[]
}

const LEAST_COST = 0.01

export function compareTwo({ statement, old, new: added, limits, accepted }: TwoPlans): ComparedStatement {
  const [oldCost, newCost] = [old['Total Cost'], added['Total Cost']]
  const ratio = newCost / Math.max(oldCost, LEAST_COST)
  const { fingerprint, kind, text, count } = statement
  return {
    ...{ fingerprint, kind, text, count, oldCost, newCost, ratio },
    dearer: ratio > limits.ratio && newCost >= limits.floor,
    accepted: accepted.includes(fingerprint),
    seqScans: seqScansInstead(old, added),
    oldPlan: planText(old),
    newPlan: planText(added),
  }
}
