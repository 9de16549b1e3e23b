import type { InstanceRecord } from '@expand-contract/control'
import type { Phase } from '@expand-contract/core'
import { agoText, countText } from '../output/duration.ts'
import { table } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

export interface FleetView {
  readonly id: string
  /** Live processes that declare the migration. */
  readonly fleet: readonly InstanceRecord[]
  /** That is recorded; undefined: the migration has not begun. */
  readonly epoch: number | undefined
  readonly phase: Phase
  readonly all: boolean
  readonly now: Date
}

/** So many of those that are alike are shown. */
const ALIKE = 3

/** The processes of the application: those that are alike in version and phase are folded. */
export function fleetTable(
  { id, fleet, epoch, phase, all, now }: FleetView,
  { width }: ScreenOptions,
): readonly string[] {
  if (fleet.length === 0) return []
  const phaseOf = ({ acknowledged }: InstanceRecord): string => {
    const followed = acknowledged[id]
    if (followed === undefined) return 'its own'
    return followed >= (epoch ?? 0) ? phase : `epoch ${followed}`
  }
  const seen = new Map<string, number>()
  const shown = fleet.filter((each) => {
    const kind = JSON.stringify([each.application, each.appVersion, phaseOf(each)])
    seen.set(kind, (seen.get(kind) ?? 0) + 1)
    return all || (seen.get(kind) ?? 0) <= ALIKE
  })
  const columns = [
    { name: 'PROCESS', least: 24 },
    { name: 'VERSION', least: 7 },
    { name: 'PHASE' },
    { name: 'OLD READS/S', align: 'right' },
    { name: 'NEW READS/S', align: 'right' },
    { name: 'LAST OLD READ' },
    { name: 'SEEN' },
  ] as const
  const rows = shown.map((each) => {
    const own = each.reads[id]
    const rates = [own?.oldRate, own?.newRate].map((rate) => (rate === undefined ? '-' : countText(rate)))
    const last =
      own?.lastOldAt === undefined ? 'never' : own.oldRate > 0 ? 'now' : agoText(new Date(own.lastOldAt), now)
    return [each.id, each.appVersion ?? '-', phaseOf(each), ...rates, last, `${Math.round(each.ageMs / 1_000)} s`]
  })
  return [
    '',
    ...table({ columns, rows }, width),
    ...(shown.length < fleet.length ? [`... ${fleet.length - shown.length} more alike, --all shows them`] : []),
  ]
}
