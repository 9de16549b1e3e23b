import type { Interleaved } from './interleave.ts'

/** What a comparison has to stay under, as this project set it for itself. */
export interface Target {
  readonly microseconds?: number
  readonly percent?: number
  /** Of what parsing alone takes, for the difference to the first variant. */
  readonly timesParsing?: number
}

/** The variant that `timesParsing` is about. */
export const PARSING_ALONE = 'parsing alone'

/** What a variant has opened, in a process of its own. */
export interface Opened {
  /** Called with the number of the turn, counted over all rounds. */
  run(turn: number): Promise<unknown>
  /** Called before each turn. Not measured. */
  before?(): unknown
  /** Sends what stands around the turns, on the connection that they use. */
  execute(text: string): Promise<unknown>
  close(): Promise<unknown>
}

/** One way to do the same thing. */
export interface Variant {
  readonly name: string
  open(url: string): Promise<Opened>
}

export interface Around {
  readonly begin: string
  readonly end: string
}

export const ROLLED_BACK: Around = { begin: 'begin', end: 'rollback' }

/** One comparison: the first variant is what the others are compared with. */
export interface Scenario {
  readonly group: 'other tables' | 'migrating table' | 'stages' | 'dual write' | 'cold path' | 'TypeORM' | 'Drizzle'
  readonly name: string
  /** For the variant `through`. @defaultValue none: it is only told */
  readonly target?: Target
  /** Turns per round, where a turn is long. @defaultValue those of the run */
  readonly turns?: number
  /** Turns before the first round, where a turn is long. @defaultValue those of the run */
  readonly warmUp?: number
  /** Sent before the variants are started. */
  readonly prepare?: string
  /** Sent around every round. @defaultValue nothing */
  readonly around?: Around
  /** Sent around every round that warms up. @defaultValue as around those that are measured */
  readonly aroundWarmUp?: Around
  readonly variants: readonly Variant[]
}

export interface Result extends Interleaved {
  readonly group: Scenario['group']
  readonly name: string
  readonly target: Target | undefined
}
