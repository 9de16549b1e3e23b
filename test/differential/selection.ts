import { createHash } from 'node:crypto'
import type { Side } from '@expand-contract/core'
import type { Example } from './example.ts'
import type { MigrationKind } from './migration-kinds/migration-kind.ts'
import type { Situation } from './situation.ts'

/**
 * `EC_DIFFERENTIAL=full` runs every statement on every database in every situation, some 700,000 trials; a number runs that many of a hundred.
 * undefined: the default run, which takes one in fifteen.
 */
export function share(): number | undefined {
  const asked = process.env.EC_DIFFERENTIAL
  if (asked === undefined || asked === '') return undefined
  const percent = asked === 'full' ? 100 : Number(asked)
  if (!(percent > 0 && percent <= 100)) throw new Error(`EC_DIFFERENTIAL is ${asked}. It can be 'full', or 1 to 100.`)
  return percent
}

/** The kind in which every statement is tried in some of the situations, on the newest server, by a default run as well. */
const WHOLE = 'varchar-to-text'

/** Texts of a megabyte and lists of hundreds cost as much as fifty others, and the kind of migration has no part in them. */
const HEAVY = /^hostile text\/(?:one megabyte|five hundred|long (?:list|chain))/u

/** Situations that lead to a decision of their own; the others differ from one of these only in how it came about. */
const OWN_DECISION = new Set([
  'off, old only',
  'off, both',
  'expand',
  'switch, flag on',
  'contract, both',
  'contract, new only',
])

interface Candidate {
  readonly example: Example
  readonly kind: MigrationKind
  readonly app: Side
  readonly situation: Situation
  readonly newest: boolean
}

/** Whether a run tries this: the same choice on every run, spread evenly. */
export function isSelected({ example, kind, app, situation, newest }: Candidate): boolean {
  const percent = share()
  if (percent === 100) return true
  const own = OWN_DECISION.has(situation.name)
  if (HEAVY.test(example.id) && kind.name !== WHOLE) return false
  if (own && example.tolerates.some(({ kinds }) => kind.name === (kinds?.[0] ?? WHOLE))) return true
  const hash = createHash('md5').update(`${example.id} ${kind.name} ${app} ${situation.name}`).digest().readUInt32LE()
  return hash % 100 < (percent ?? defaultPercent({ kind, app, newest }, own))
}

/** Of a hundred trials; all of them would take hours. */
function defaultPercent({ kind, app, newest }: Pick<Candidate, 'kind' | 'app' | 'newest'>, own: boolean): number {
  if (!own) return 2
  if (!newest) return 4
  if (kind.name !== WHOLE) return 8
  return app === 'old' ? 50 : 25
}
