import { addColumns } from './add-columns.ts'
import { backfill, COLUMNS, untilEveryProcessWritesBoth } from './backfill.ts'
import { NEW_COLUMNS, NEW_INDEXES } from './shop.ts'
import type { Stage } from './show.ts'

/** Both migrations, from the untouched table to reads from the new columns. What comes after that is to drop the old ones. */
export const STAGES: readonly Stage[] = [
  {
    name: 'before',
    what: 'process A runs, with both migrations declared; the new columns do not exist yet',
    act: ({ fleet }) => fleet.start(),
    watchSeconds: 2,
    inStep: false,
  },
  {
    name: 'columns added',
    what: 'ALTER TABLE ... ADD COLUMN under traffic; A notices by itself, process B joins; both write old and new',
    async act({ db, fleet }) {
      await addColumns(db, NEW_COLUMNS)
      await fleet.start()
    },
    watchSeconds: 2,
    inStep: false,
  },
  {
    name: 'backfill',
    what: 'rows written before are copied in short transactions',
    async act({ db, progress }) {
      await untilEveryProcessWritesBoth(db)
      for (const column of COLUMNS) {
        const started = performance.now()
        const rows = await backfill(db, column)
        const seconds = (performance.now() - started) / 1_000
        progress.note(`${column.table}.${column.new}: ${rows} rows in ${seconds.toFixed(1)} s`)
      }
    },
    watchSeconds: 0,
    inStep: true,
  },
  {
    name: 'verified',
    what: 'the new columns get their indexes; every row is compared',
    async act({ db }) {
      for (const statement of NEW_INDEXES) await db.query(statement)
    },
    watchSeconds: 1,
    inStep: true,
  },
  {
    name: '10 % of users',
    what: 'the flags go on for a tenth of the users, who stay on the new columns',
    async act({ rollout }) {
      await rollout.toUsers(10)
      await rollout.switchOn()
    },
    watchSeconds: 4,
    inStep: true,
  },
  {
    name: 'all users',
    what: 'the flags go on for everybody',
    act: ({ rollout }) => rollout.toAll(),
    watchSeconds: 4,
    inStep: true,
  },
  {
    name: 'rolled back',
    what: 'the flags go off: everybody reads the old columns again, without a deploy',
    act({ rollout }, flagsChange) {
      flagsChange()
      return rollout.switchOff()
    },
    watchSeconds: 4,
    inStep: true,
  },
  {
    name: 'on again',
    what: 'the flags go on for everybody; the soak would begin',
    act({ rollout }, flagsChange) {
      flagsChange()
      return rollout.switchOn()
    },
    watchSeconds: 4,
    inStep: true,
  },
]
