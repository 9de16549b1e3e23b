import { join } from 'node:path'
import { both, NAME, QUANTITY } from './both.ts'
import { REFUSED } from './operator.ts'
import type { Stage } from './show.ts'
import { letDaysPass } from './simulated-clock.ts'

/** What a drop is confirmed by: the old column, as people know it, and the database. */
const OLD = { [NAME]: 'customers.name@shop', [QUANTITY]: 'orders.quantity@shop' } as const

/** Stage 4: the old columns leave the SQL, are set aside, and go; with a way back from each step, and one from behind the last. */
export const LAST_STAGES: readonly Stage[] = [
  {
    opens: 'Stage 4: the old columns go',
    name: 'soak',
    what: 'the new columns are to count, on the day on which the flags went on: refused until a week has passed without a read of the old ones',
    async act({ db, operator, progress }) {
      await operator.run(`contract ${NAME} --yes`, REFUSED)
      await letDaysPass(db, 8)
      progress.note('SIMULATED: 8 days pass. The demo has moved what its own database has recorded into the past.')
    },
    watchSeconds: 0,
    inStep: true,
  },
  {
    name: 'contract',
    what: 'the new columns count: applications read and write them alone, and the old ones are kept in step for everybody else',
    async act({ operator }) {
      await both(operator, (id) => `verify ${id}`)
      await both(operator, (id) => `contract ${id} --yes`)
    },
    watchSeconds: 2,
    inStep: true,
  },
  {
    name: 'hold',
    what: 'the old columns get other names: whoever still needs them would fail now. A drop on the same day is refused',
    async act({ operator }) {
      await both(operator, (id) => `hold ${id} --yes`)
      await operator.run(`drop ${NAME} --confirm ${OLD[NAME]}`, REFUSED)
    },
    watchSeconds: 1,
    inStep: true,
  },
  {
    name: 'hold undone',
    what: 'back from hold, as if somebody had failed: the old column has its name again; and it is set aside once more',
    async act({ operator }) {
      await operator.run(`rollback ${NAME} --yes`)
      await operator.run(`hold ${NAME} --yes`)
    },
    watchSeconds: 1,
    inStep: true,
  },
  {
    name: 'backup',
    what: 'the old columns, with their keys, go into a file each, which is restored at once and compared row by row',
    async act({ db, operator, progress }) {
      await both(operator, (id) => `backup ${id} --out ${join(operator.backups, `${id}.zst`)}`)
      await letDaysPass(db, 4)
      progress.note('SIMULATED: 4 days pass, in which nobody asks for the old columns.')
    },
    watchSeconds: 0,
    inStep: true,
  },
  {
    name: 'drop',
    what: 'the old columns go. The applications, which still name them in every query, notice nothing',
    act: ({ operator }) => both(operator, (id) => `drop ${id} --confirm ${OLD[id]}`),
    watchSeconds: 3,
    inStep: true,
  },
  {
    opens: 'Back from behind the drop',
    name: 'restored',
    what: 'one of the old columns comes back from its backup, and counts again',
    async act({ operator }) {
      await operator.run(`restore ${NAME} --confirm ${OLD[NAME]}`)
      await operator.run(`rollback ${NAME} --yes`)
      await operator.run('status')
      await operator.run('log --limit 12')
    },
    watchSeconds: 2,
    inStep: true,
  },
]
