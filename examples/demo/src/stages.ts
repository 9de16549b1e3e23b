import { setTimeout as sleep } from 'node:timers/promises'
import { both, NAME, QUANTITY } from './both.ts'
import { REFUSED } from './operator.ts'
import type { Stage } from './show.ts'

/** Both migrations, from the untouched table to reads from the new columns, and back: Stages 1 to 3 of the README. */
export const STAGES: readonly Stage[] = [
  {
    name: 'before',
    what: 'process A runs, with both migrations declared; neither new columns nor phases exist yet',
    async act({ fleet, operator }) {
      await fleet.start('A')
      await operator.run('init --yes')
      await operator.run(`plan ${NAME}`)
    },
    watchSeconds: 0,
    inStep: false,
    tooEarly: true,
  },
  {
    opens: 'Stage 1: both columns are written',
    name: 'expand',
    what: 'new columns and sync triggers, under traffic; A notices by itself, process B joins; both write old and new',
    async act({ fleet, operator }) {
      await both(operator, (id) => `expand ${id} --yes`)
      await fleet.start('B')
    },
    watchSeconds: 1,
    inStep: false,
    tooEarly: true,
  },
  {
    name: 'expand undone',
    what: 'one of them is taken back, where every process leaves the column alone before it goes, and is done again',
    async act({ operator }) {
      await operator.run(`rollback ${QUANTITY} --confirm ${QUANTITY}@shop`)
      await operator.run(`expand ${QUANTITY} --yes`)
    },
    watchSeconds: 0,
    inStep: false,
    tooEarly: true,
  },
  {
    opens: 'Stage 2: the new columns get every row',
    name: 'too early',
    what: 'somebody sets the flags on and wants to switch before rows are filled: it is refused, and reads stay on the old columns',
    async act({ rollout, operator }) {
      await rollout.toAll()
      await rollout.switchOn()
      await operator.run(`switch ${NAME} --yes`, REFUSED)
      await sleep(2_000)
      await rollout.switchOff()
    },
    watchSeconds: 0,
    inStep: false,
    tooEarly: true,
  },
  {
    name: 'backfill',
    what: 'rows written before are filled in short transactions, the new columns get their indexes, and every row is compared in both directions',
    async act({ operator }) {
      await both(operator, (id) => `backfill ${id}`)
      await both(operator, (id) => `verify ${id}`)
    },
    watchSeconds: 0,
    inStep: true,
    tooEarly: true,
  },
  {
    opens: 'Stage 3: the flags decide what is read',
    name: 'switch',
    what: 'from now on the flags count',
    act: ({ operator }) => both(operator, (id) => `switch ${id} --yes`),
    watchSeconds: 1,
    inStep: true,
    tooEarly: true,
  },
  {
    name: '10 % of users',
    what: 'the flags go on for a tenth of the users, who stay on the new columns',
    async act({ rollout, operator }) {
      await rollout.toUsers(10)
      await rollout.switchOn()
      await sleep(2_000)
      await operator.run(`status ${NAME}`)
    },
    watchSeconds: 1,
    inStep: true,
  },
  {
    name: 'all users',
    what: 'the flags go on for everybody',
    act: ({ rollout }) => rollout.toAll(),
    watchSeconds: 3,
    inStep: true,
  },
  {
    name: 'rolled back',
    what: 'the flags go off: everybody reads the old columns again, without a deploy',
    act({ rollout }, flagsChange) {
      flagsChange()
      return rollout.switchOff()
    },
    watchSeconds: 3,
    inStep: true,
  },
  {
    name: 'on again',
    what: 'the flags go on for everybody',
    act({ rollout }, flagsChange) {
      flagsChange()
      return rollout.switchOn()
    },
    watchSeconds: 3,
    inStep: true,
  },
  {
    name: 'phase back',
    what: 'one phase back: the old columns are read, whatever the flag says; and forward again after another look at every row',
    async act({ operator }) {
      await operator.run(`rollback ${NAME} --yes`)
      await operator.run(`verify ${NAME}`)
      await operator.run(`switch ${NAME} --yes`)
    },
    watchSeconds: 2,
    inStep: true,
  },
]
