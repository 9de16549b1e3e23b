import type { Phase } from '@expand-contract/core'

/** What the operator does, one after another. Each but the waits changes the database in one transaction. */
export type Step =
  /** Column, trigger and phase; also in parts, as it must not be. */
  | 'expand'
  | 'add-column'
  | 'add-trigger'
  | 'fill'
  | 'record-expand'
  | 'record-switch'
  | 'record-contract'
  | 'record-off'
  | 'wait-acknowledged'
  /** The leases of this moment are what is waited for. */
  | 'leases-begin'
  | 'leases-end'
  | 'drop-new'
  /** The old column is renamed aside. */
  | 'hold'

/** There and back to where it began. */
export const BACK: readonly Step[] = [
  ...['expand', 'fill', 'wait-acknowledged', 'record-switch', 'record-expand', 'record-off'],
  ...['wait-acknowledged', 'leases-begin', 'leases-end', 'drop-new'],
] as readonly Step[]

/** To where the old column has another name. */
export const FORTH: readonly Step[] = [
  ...['expand', 'fill', 'wait-acknowledged', 'record-switch', 'wait-acknowledged', 'record-contract'],
  ...['wait-acknowledged', 'leases-begin', 'leases-end', 'hold'],
] as readonly Step[]

/** What the database is after so many steps: the operator alone changes it. */
export interface Database {
  readonly old: boolean
  readonly new: boolean
  readonly filled: boolean
  readonly trigger: boolean
  readonly phase: Phase | undefined
  readonly epoch: number
}

const phase =
  (to: Phase) =>
  (database: Database): Database => ({ ...database, phase: to, epoch: database.epoch + 1 })

const AFTER: Readonly<Record<Step, (database: Database) => Database>> = {
  expand: (database) => phase('expand')({ ...database, new: true, trigger: true }),
  'add-column': (database) => ({ ...database, new: true }),
  'add-trigger': (database) => phase('expand')({ ...database, trigger: true }),
  fill: (database) => ({ ...database, filled: true }),
  'record-expand': phase('expand'),
  'record-switch': phase('switch'),
  'record-contract': phase('contract'),
  'record-off': phase('off'),
  'wait-acknowledged': (database) => database,
  'leases-begin': (database) => database,
  'leases-end': (database) => database,
  'drop-new': (database) => ({ ...database, new: false, trigger: false, filled: false }),
  hold: (database) => ({ ...database, old: false, trigger: false }),
}

/** These wait for every transaction that has touched the table. */
export const LOCKING: ReadonlySet<Step> = new Set<Step>(['expand', 'add-column', 'drop-new', 'hold'])

/** The databases before the first step and after each. */
export function databasesOf(steps: readonly Step[]): readonly Database[] {
  const first: Database = { old: true, new: false, filled: false, trigger: false, phase: undefined, epoch: 0 }
  const all = [first]
  for (const step of steps) all.push(AFTER[step](all.at(-1) ?? first))
  return all
}
