import type { Around, Measured, Variant } from './interleave.ts'
import type { Subjects } from './subjects.ts'

/** What a comparison has to stay under, as this project set it for itself. */
export interface Target {
  readonly microseconds?: number
  readonly percent?: number
}

/** One comparison: the first variant is what the others are compared with. */
export interface Scenario {
  readonly group: 'other tables' | 'migrating table' | 'dual write' | 'cold path' | 'TypeORM' | 'Drizzle'
  readonly name: string
  /** For the variant `through`. @defaultValue none: it is only told */
  readonly target?: Target
  /** Turns per round, where a turn is long. @defaultValue those of the run */
  readonly turns?: number
  /** Turns before the first round, where a turn is long. @defaultValue those of the run */
  readonly warmUp?: number
  /** Done before, once in each variant's thread. */
  prepare?(subjects: Subjects): Promise<unknown>
  /** Closes what `prepare` opened. */
  close?(): Promise<unknown>
  readonly around?: (subjects: Subjects) => Around
  /** @defaultValue as around a round */
  readonly aroundWarmUp?: (subjects: Subjects) => Around
  variants(subjects: Subjects): readonly Variant[]
}

export interface Result {
  readonly group: Scenario['group']
  readonly name: string
  readonly target: Target | undefined
  readonly variants: readonly Measured[]
}
