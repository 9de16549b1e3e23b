import { postgresMajors } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { type ChangeKind, KINDS } from './change-kinds.ts'
import type { Shape } from './life-model.ts'
import { PLACES, type Place } from './place.ts'

export type Route = 'direct' | 'PgBouncer'

export interface LifeCase {
  readonly kind: ChangeKind
  readonly major: PostgresMajor
  readonly place: Place
  readonly shape: Shape
  readonly route: Route
}

const SHAPES: readonly Shape[] = ['plain', 'partitioned', 'without key', 'partitioned without key']
const ROUTES: readonly Route[] = ['direct', 'PgBouncer']

export const lifeName = ({ kind, major, place, shape, route }: LifeCase): string =>
  `${kind.name}, PostgreSQL ${major}, ${place.name} names, ${shape}, ${route}`

/** Every one of them. */
export const allCases = (): readonly LifeCase[] =>
  KINDS.flatMap((kind) =>
    postgresMajors().flatMap((major) =>
      PLACES.flatMap((place) =>
        SHAPES.flatMap((shape) => ROUTES.map((route) => ({ kind, major, place, shape, route }))),
      ),
    ),
  )

/** Kind and shape apart: that alone would ask for twenty-four. */
function pairsOf(life: LifeCase): readonly string[] {
  const values = Object.entries(life).map(([name, value]) => [name, typeof value === 'object' ? value.name : value])
  return values.flatMap(([name, one], at) =>
    values
      .slice(at + 1)
      .filter(([other]) => `${name} ${other}` !== 'kind shape')
      .map(([other, two]) => `${name}:${one} ${other}:${two}`),
  )
}

/** As few as will do for every pair of values to live together once: always the case that brings the most new pairs, and then a new shape of its kind. */
export function pairwiseCases(): readonly LifeCase[] {
  const [rest, open] = [[...allCases()], new Set(allCases().flatMap(pairsOf))]
  const chosen: LifeCase[] = []
  const isNewShape = ({ kind, shape }: LifeCase): boolean =>
    !chosen.some((life) => life.kind === kind && life.shape === shape)
  const gain = (life: LifeCase): number =>
    2 * pairsOf(life).filter((pair) => open.has(pair)).length + Number(isNewShape(life))
  while (open.size > 0) {
    const next = rest.reduce((best, life) => (gain(life) > gain(best) ? life : best))
    for (const pair of pairsOf(next)) open.delete(pair)
    rest.splice(rest.indexOf(next), 1)
    chosen.push(next)
  }
  return chosen
}
