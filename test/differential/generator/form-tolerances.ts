import type { Tolerance } from '../tolerance.ts'

const UNTYPED = 'A parameter of which PostgreSQL could not tell the type is cast for the other column, which tells it.'

/** One parameter in two places, of no type of its own: with a type it goes as far as the statement itself does. */
export const PARAMETER_TWICE: readonly Tolerance[] = ['succeeds', '23502', '23505', '42804'].map((here) => ({
  ...{ twin: '42P08', here },
  why: UNTYPED,
}))

const why = 'Of several violated constraints PostgreSQL reports the first, and columns stand in another order.'

/** Rows that are written. */
export const VIOLATIONS: readonly Tolerance[] = [
  { ...{ twin: '23502', here: '23505' }, why },
  { ...{ twin: '23505', here: '23502' }, why },
  { ...{ sqlstate: '23502', fields: ['message', 'column'] }, why },
  { ...{ sqlstate: '23505', fields: ['message', 'constraint', 'detail'] }, why },
]

/** A name in GROUP BY that several output columns share: `GROUP BY "a" is ambiguous`, or `column reference "a" is ambiguous`. */
export const AMBIGUOUS_GROUP: readonly Tolerance[] = [
  {
    ...{ sqlstate: '42702', fields: ['message'] },
    why: 'A shadow column has the name of several output columns, and would be grouped by.',
  },
]
