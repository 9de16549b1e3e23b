import type { DatabaseFacts } from '../database.ts'
import { agoText } from '../output/duration.ts'
import { byTurn, MARKS, type MigrationStatus, type Turn } from '../status/migration-status.ts'
import { hanging, table } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

export interface StatusListView {
  readonly database: DatabaseFacts
  readonly all: readonly MigrationStatus[]
  readonly now: Date
}

const SUMS: Readonly<Record<Turn, (count: number) => string>> = {
  act: (count) => `${count} ${count === 1 ? 'needs' : 'need'} you`,
  'may-act': (count) => `${count} ready`,
  working: (count) => `${count} ${count === 1 ? 'works' : 'work'}`,
  waiting: (count) => `${count} ${count === 1 ? 'waits' : 'wait'}`,
  done: (count) => `${count} done`,
}

/** All migrations, one line each, those first that wait for you. */
export function statusList({ database, all, now }: StatusListView, { width }: ScreenOptions): string {
  const sums = Object.entries(SUMS).flatMap(([turn, text]) => {
    const count = all.filter((each) => each.turn === turn).length
    return count === 0 ? [] : [text(count)]
  })
  const rows = all
    .toSorted(byTurn)
    .map(({ turn, id, phase, since, state, next }) => [
      ...[MARKS[turn], id, phase, since === undefined ? '-' : agoText(since, now), state, next],
    ])
  const count = `${all.length} migration${all.length === 1 ? '' : 's'}`
  return [
    hanging('', `${database.name} at ${database.host}, ${count}: ${sums.join(', ')}`, width),
    '',
    ...table(
      {
        columns: [
          { name: '    ' },
          { name: 'MIGRATION', least: 14 },
          { name: 'PHASE' },
          { name: 'SINCE' },
          { name: 'STATE', least: 20, wrap: true },
          { name: 'NEXT' },
        ],
        rows,
      },
      width,
    ),
    '',
    'Details: expand-contract status <migration>',
  ].join('\n')
}
