import { shellWord } from '@expand-contract/core'
import type { StoppedStage } from '@expand-contract/runner'
import { hazardCounts, type PlannedHazards } from '../doctor/planned-hazards.ts'
import { hanging } from './layout.ts'

const MOST = 5

/** Until when something must be done about it. */
const BEFORE = (stops: StoppedStage | undefined): string => (stops === undefined ? '' : `; before ${stops}`)

/** What doctor says of the migration, below its plan; where it says nothing, that too. */
export function hazardLines(
  id: string,
  { findings }: Pick<PlannedHazards, 'findings'>,
  width: number,
): readonly string[] {
  if (findings.length === 0) return ['[ok] doctor has found nothing.']
  const more = findings.length - MOST
  return [
    hanging('', `${hazardCounts(findings)}; remedies: expand-contract doctor ${shellWord(id)}`, width),
    ...findings
      .slice(0, MOST)
      .map(({ code, level, what, stops }) =>
        hanging(level === 'error' ? '[no] ' : '[! ] ', `${what} (doctor, ${code}${BEFORE(stops)})`, width),
      ),
    ...(more > 0 ? [`     ... ${more} more`] : []),
  ]
}
