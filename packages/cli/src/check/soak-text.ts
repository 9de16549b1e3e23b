import { durationText } from '../output/duration.ts'
import type { KnownMigration } from './known-migration.ts'

/** How far a drop is too early: `3 d 4 h before its soak is over`. */
export function soakText(known: KnownMigration | undefined, now: Date): string {
  if (known === undefined || known.phase === 'off') return 'although its migration has not begun'
  const { phase, soaked } = known
  if (phase === 'expand') return 'while applications read it, in the phase expand'
  if (phase === 'contract' || phase === 'hold')
    return `in the phase ${phase}, past the command that drops it with a backup`
  if (soaked === undefined) return 'before its soak has begun'
  const left = soaked.getTime() - now.getTime()
  return left > 0 ? `${durationText(left)} before its soak is over` : 'right behind its soak, without contract and hold'
}
