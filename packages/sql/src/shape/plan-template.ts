import { BROKEN_MARK, MODEL_RUN, type ModelPiece, piecesOf, type ShapeModel } from './shape-model.ts'
import type { TextShape } from './text-shape.ts'

/**
 * A piece of the text, between two boundaries: `2 * token` is where a token starts, one more is where it ends. In a list
 * they count from the first token of an element.
 */
interface Slice {
  readonly run: number
  readonly unit: number
  readonly segment: number
  readonly from: number
  to: number
}

type Item = string | Slice

/** A list, wherever it stands in what is made of the text. */
interface Repeated {
  readonly repeated: number
  readonly first: readonly Item[]
  readonly middle: readonly Item[]
  readonly last: readonly Item[]
}

export type PlanTemplate = readonly (Item | Repeated)[]

/** How the text that was made of a model is made of any text of its shape; undefined where that cannot be told. */
export function templateOf(made: string, model: ShapeModel): PlanTemplate | undefined {
  const pieces = piecesOf(made)
  if (pieces.some(({ text, token }) => token === undefined && BROKEN_MARK.test(text))) return undefined
  return grouped(joined(pieces, model))
}

/** Slices of the model, each as long as can be, and the text between them. */
function joined(pieces: readonly ModelPiece[], model: ShapeModel): readonly Item[] {
  const items: Item[] = []
  for (const { text, token, space } of pieces) {
    const last = items.at(-1)
    if (token === undefined) {
      const taken = typeof last === 'object' ? extended(last, text, model) : 0
      if (taken < text.length) items.push(text.slice(taken))
      continue
    }
    const slice = sliceOf(token, space, model)
    if (typeof last === 'object' && follows(last, slice, token, model)) last.to = slice.to
    else items.push(slice)
  }
  return items
}

function sliceOf(token: number, space: boolean, { tokens, runs }: ShapeModel): Slice {
  const { run, unit, segment } = tokens[token] ?? OUTSIDE
  const base = baseOf(run, unit, runs)
  const from = 2 * (token - base) - (space ? 1 : 0)
  return { run, unit, segment, from, to: from + 1 }
}

const OUTSIDE = { run: -1, unit: 0, segment: 0 }

function baseOf(run: number, unit: number, runs: ShapeModel['runs']): number {
  const { first, length } = runs[run] ?? { first: 0, length: 0 }
  return first + unit * length
}

const isOf = (slice: Slice, { run, unit, segment }: Pick<Slice, 'run' | 'unit' | 'segment'>): boolean =>
  slice.run === run && slice.unit === unit && slice.segment === segment

/** True when one slice goes on where the other ends. */
function follows(last: Slice, slice: Slice, token: number, { tokens }: ShapeModel): boolean {
  if (!isOf(last, slice)) return false
  return (
    last.to === slice.from || (last.to + 1 === slice.from && slice.from % 2 === 0 && tokens[token]?.sticks === true)
  )
}

/** How much of a text is what stands in the model behind a slice, which then reaches as far. */
function extended(slice: Slice, text: string, { tokens, runs }: ShapeModel): number {
  const base = baseOf(slice.run, slice.unit, runs)
  let taken = 0
  for (;;) {
    const atStart = slice.to % 2 === 0
    const index = base + (atStart ? slice.to / 2 : (slice.to + 1) / 2)
    const token = tokens[index]
    if (token?.text === undefined || token.text === '' || !isOf(slice, token)) return taken
    if ((!atStart && !token.sticks) || !text.startsWith(token.text, taken)) return taken
    taken += token.text.length
    slice.to = 2 * (index - base) + 1
  }
}

function grouped(items: readonly Item[]): PlanTemplate | undefined {
  const template: (Item | Repeated)[] = []
  for (let index = 0; index < items.length; ) {
    const item = items[index]
    if (item === undefined) break
    if (typeof item === 'string' || item.run < 0) {
      template.push(item)
      index++
      continue
    }
    const units = unitsFrom(items, index, item.run)
    if (units === undefined) return undefined
    const [first = [], middle = [], second, third, last = []] = units
    const plain = JSON.stringify(middle.map(withoutUnit))
    if ([second, third].some((unit) => JSON.stringify(unit?.map(withoutUnit)) !== plain)) return undefined
    template.push({ repeated: item.run, first, middle, last })
    index += units.reduce((count, unit) => count + unit.length, 0)
  }
  return template
}

const withoutUnit = (item: Item): Item => (typeof item === 'string' ? item : { ...item, unit: 0 })

/** What was made of each element; the text behind the last one is not of it. */
function unitsFrom(items: readonly Item[], start: number, run: number): readonly (readonly Item[])[] | undefined {
  const units: Item[][] = []
  let texts = 0
  for (let index = start; index < items.length; index++) {
    const item = items[index]
    if (item === undefined) break
    if (typeof item === 'string') {
      units.at(-1)?.push(item)
      texts++
      continue
    }
    if (item.run !== run || (item.unit !== units.length - 1 && item.unit !== units.length)) break
    if (item.unit === units.length) units.push([])
    units.at(-1)?.push(item)
    texts = 0
  }
  const last = units.at(-1)
  last?.splice(last.length - texts)
  return units.length === MODEL_RUN ? units : undefined
}

/** What the template makes of a text of its shape. */
export function fill(template: PlanTemplate, shape: TextShape): string {
  const { tokens, runs } = shape
  // Tokens behind a list stand as many further as the list is longer than in the model.
  const shifts = [0]
  for (const { length, count } of runs) shifts.push((shifts.at(-1) ?? 0) + (count - MODEL_RUN) * length)
  const at = (boundary: number): number => {
    if (boundary < 0) return 0
    return boundary & 1 ? tokens.end(boundary >> 1) : tokens.start(boundary >> 1)
  }
  const made = new Pieces(shape.text)
  const put = (items: readonly Item[], base: number): void => {
    for (const item of items)
      if (typeof item === 'string') made.add(item)
      else made.cut(at(item.from + 2 * base), at(item.to + 2 * base))
  }
  for (const item of template) {
    if (typeof item === 'string') made.add(item)
    else if ('repeated' in item) {
      const { first, length, count } = runs[item.repeated] ?? { first: 0, length: 0, count: 0 }
      put(item.first, first)
      for (let unit = 1; unit < count - 1; unit++) put(item.middle, first + unit * length)
      put(item.last, first + (count - 1) * length)
    } else put([item], shifts[item.segment] ?? 0)
  }
  return made.joined()
}

/** Text that is put together; slices of one text that follow each other are cut out as one. */
class Pieces {
  readonly #text: string
  #made = ''
  #from = 0
  #to = 0

  constructor(text: string) {
    this.#text = text
  }

  add(piece: string): void {
    this.#take()
    this.#made += piece
  }

  cut(from: number, to: number): void {
    if (from !== this.#to) {
      this.#take()
      this.#from = from
    }
    this.#to = to
  }

  joined(): string {
    this.#take()
    return this.#made
  }

  #take(): void {
    if (this.#to > this.#from) this.#made += this.#text.slice(this.#from, this.#to)
    this.#from = this.#to
  }
}
