import type { Node } from 'libpg-query'
import type { Decide, Plan, SessionFacts, TextPlanner } from './plan.ts'
import { fill, type PlanTemplate, templateOf } from './shape/plan-template.ts'
import { modelOf, type ShapeModel, type Watch, watchValues } from './shape/shape-model.ts'
import { MIN_RUN, shapeOf, type TextShape } from './shape/text-shape.ts'
import type { DecidedPlanner } from './text-planner.ts'

export interface ShapeWork {
  /** A planner of a text by itself. */
  readonly fresh: (text: string) => TextPlanner
  /** A planner of a text whose tree is given; undefined when it does not parse. */
  readonly of: (text: string, roots: readonly Node[]) => DecidedPlanner
  readonly parse: (text: string) => readonly Node[] | undefined
}

/** A longer text is not planned by itself to see whether its shape does. */
const MAX_WHOLE = 16_384

/**
 * Plans texts of one shape under one catalog. The second one makes a model, whose plans are filled in from then on: each
 * of them once it has turned out the same as the plan of a text by itself, and for as long as no value of the model was
 * looked at by what planned it.
 */
export class ShapePlans {
  readonly #context: ShapeWork
  readonly #templates = new WeakMap<Plan, PlanTemplate | 'same' | 'unfit'>()
  readonly #watch: Watch = { seen: false }
  #model: ShapeModel | undefined
  #planner: DecidedPlanner | undefined
  #state: 'new' | 'made' | 'unfit' = 'new'

  constructor(context: ShapeWork) {
    this.#context = context
  }

  /** The planner of a text of this shape. */
  planner(shape: TextShape): TextPlanner {
    this.#make(shape)
    const model = this.#planner
    return model === undefined
      ? this.#context.fresh(shape.text)
      : new FillingPlanner(shape, model, {
          fresh: this.#context.fresh,
          templateOf: (plan, of, decide) => this.#templateOf(plan, of, decide),
        })
  }

  #make(shape: TextShape): void {
    if (this.#state !== 'new') return
    this.#state = 'unfit'
    try {
      const model = modelOf(shape)
      const roots = this.#context.parse(model.text)
      if (roots === undefined || !watchValues(roots, model, this.#watch)) return
      this.#model = model
      this.#planner = this.#context.of(model.text, roots)
      this.#state = 'made'
    } catch {
      // What a text by itself fails on is told with its plan.
    }
  }

  #templateOf(plan: Plan, shape: TextShape, decide: Decide): PlanTemplate | 'same' | 'unfit' {
    const known = this.#templates.get(plan)
    if (known !== undefined) return known
    const template = this.#proven(plan, shape, decide)
    this.#templates.set(plan, template)
    return template
  }

  #proven(plan: Plan, shape: TextShape, decide: Decide): PlanTemplate | 'same' | 'unfit' {
    const model = this.#model
    if (model === undefined || plan.reasons.length > 0 || this.#watch.seen) return 'unfit'
    const template = plan.text === model.text ? 'same' : templateOf(plan.text, model)
    if (template === undefined) return 'unfit'
    const sample = shape.text.length > MAX_WHOLE ? shortened(shape) : shape
    if (sample === undefined) return 'unfit'
    const expected = this.#context.fresh(sample.text).plan(decide)
    const made = filledPlan(plan, template, sample, () => undefined)
    const same =
      made.text === expected.text &&
      made.outcome === expected.outcome &&
      made.command === expected.command &&
      expected.reasons.length === 0 &&
      JSON.stringify(made.reads) === JSON.stringify(expected.reads) &&
      made.touches.length === expected.touches.length &&
      made.touches.every((bound, index) => bound === expected.touches[index])
    return same ? template : 'unfit'
  }
}

interface Filling {
  readonly fresh: (text: string) => TextPlanner
  readonly templateOf: (plan: Plan, shape: TextShape, decide: Decide) => PlanTemplate | 'same' | 'unfit'
}

/**
 * One text of the shape. A class: each object with a getter of its own has a hidden class of its own in V8, which lives until
 * the whole heap is collected, and all that the getter reaches with it (12 MB of 16 at each scavenge).
 */
class FillingPlanner implements TextPlanner {
  readonly #text: string
  readonly #model: DecidedPlanner
  readonly #filling: Filling
  /** The places of all tokens take more memory than the text, and are wanted once for each combination of decisions. */
  #looked: TextShape | undefined
  #fresh: TextPlanner | undefined
  /** By the plan of the model: one for each combination of decisions. */
  readonly #known: (readonly [of: Plan, filled: Plan])[] = []

  constructor(shape: TextShape, model: DecidedPlanner, filling: Filling) {
    this.#text = shape.text
    this.#looked = shape
    this.#model = model
    this.#filling = filling
  }

  get failed(): boolean {
    return this.#fresh?.failed ?? false
  }

  missing(): ReturnType<TextPlanner['missing']> {
    return (this.#fresh ?? this.#model).missing()
  }

  plan(decide: Decide, session?: SessionFacts): Plan {
    if (this.#fresh !== undefined || session?.standardConformingStrings === false)
      return this.#itself().plan(decide, session)
    const plan = this.#model.plan(decide, session)
    for (const [of, filled] of this.#known) if (of === plan) return filled
    const shape = this.#looked ?? shapeOf(this.#text)
    this.#looked = undefined
    const decided = this.#model.decidedAs(plan) ?? decide
    const template = shape === undefined ? 'unfit' : this.#filling.templateOf(plan, shape, decided)
    if (shape === undefined || template === 'unfit') return this.#itself().plan(decided, session)
    const [text, { fresh }] = [this.#text, this.#filling]
    // Asked for where the database reports an error with a position, which is seldom.
    const map: Plan['mapPosition'] = (position) => fresh(text).plan(decided).mapPosition(position)
    const filled = filledPlan(plan, template, shape, map)
    this.#known.push([plan, filled])
    return filled
  }

  #itself(): TextPlanner {
    this.#fresh ??= this.#filling.fresh(this.#text)
    return this.#fresh
  }
}

function filledPlan(
  plan: Plan,
  template: PlanTemplate | 'same',
  shape: TextShape,
  mapPosition: Plan['mapPosition'],
): Plan {
  if (template === 'same') return { ...plan, text: shape.text }
  return { ...plan, text: fill(template, shape), mapPosition }
}

/** A text of the same shape with shorter lists. */
function shortened({ key, text, tokens, runs }: TextShape): TextShape | undefined {
  let short = ''
  let at = 0
  for (const { first, length, count } of runs) {
    const kept = first + MIN_RUN * length
    const end = first + count * length
    if (count <= MIN_RUN * 2) continue
    short += text.slice(at, tokens.start(kept - length))
    at = tokens.start(end - length)
  }
  const shape = shapeOf(short + text.slice(at))
  return shape?.key === key && shape.text.length <= MAX_WHOLE ? shape : undefined
}
