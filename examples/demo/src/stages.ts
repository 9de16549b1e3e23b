import { setTimeout as sleep } from 'node:timers/promises'
import { addColumns } from './add-columns.ts'
import { backfill, COLUMNS, mismatchedRows, untilEveryProcessWritesBoth } from './backfill.ts'
import { NEW_COLUMNS, NEW_INDEXES } from './shop.ts'
import type { Stage } from './show.ts'

/** The stage in which no flag may move a read. */
export const TOO_EARLY = 'flags too early'

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
    name: TOO_EARLY,
    what: 'somebody sets the flags on before the new columns are filled: reads stay on the old ones, and the flags go off again',
    async act({ rollout }) {
      await rollout.toAll()
      await rollout.switchOn()
      await sleep(3_000)
      await rollout.switchOff()
    },
    watchSeconds: 0,
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
    what: 'the new columns get their indexes; every row is compared, and the read switch is opened',
    async act({ db, fleet }) {
      for (const statement of NEW_INDEXES) await db.query(statement)
      const mismatched = await mismatchedRows(db)
      if (mismatched > 0) throw new Error(`${mismatched} rows differ, so the read switch stays closed.`)
      await fleet.openReadSwitch()
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
