import { FROM_VARCHAR } from '../migration-kinds/from-varchar.ts'
import type { Tolerance } from '../tolerance.ts'

export const TOO_LONG: readonly Tolerance[] = [
  {
    ...{ twin: 'succeeds', here: '22001', app: 'new', kinds: FROM_VARCHAR },
    why: 'An application of the new side writes what the old column cannot hold: refused while that is written too.',
  },
]
