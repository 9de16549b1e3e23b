import type { Node } from 'libpg-query'
import { SourceText } from '../parse/source-text.ts'
import type { Run, TextShape } from './text-shape.ts'

/** How many elements a list has in a model: the first, the last, and some between, which have to be alike. */
export const MODEL_RUN = 5

/** Where a token of a model stands. */
export interface ModelToken {
  /** The list that it is an element's part of; -1 for none. */
  readonly run: number
  readonly unit: number
  /** How many lists end before it. */
  readonly segment: number
  /** undefined for a neutral token. */
  readonly text: string | undefined
  /** Nothing stands between it and the token before it. */
  readonly sticks: boolean
}

/**
 * A text of the shape in which every neutral token, and every piece of white space, is one of its own, so that each can be
 * told in what is made of the text.
 */
export interface ShapeModel {
  readonly text: string
  readonly tokens: readonly ModelToken[]
  /** Tokens by their place in the model. */
  readonly runs: readonly Run[]
}

const MARKS = /'\uE000(\d+)\uE001'|\$?1(9\d{8})(?:\.0)?| \/\*\uE002(\d+)\uE003\*\/ /gu

/** What is left of a mark that was taken apart. */
export const BROKEN_MARK = /[\uE000-\uE003]/u

const FIRST = 900_000_000

const MARKERS = {
  s: (index: number) => `'\uE000${index}\uE001'`,
  i: (index: number) => `1${FIRST + index}`,
  f: (index: number) => `1${FIRST + index}.0`,
  p: (index: number) => `$1${FIRST + index}`,
} as const

export function modelOf(shape: TextShape): ShapeModel {
  const { text, tokens: given } = shape
  const tokens: ModelToken[] = []
  const runs: Run[] = []
  let written = ''
  let segment = 0
  const write = (from: number, to: number, run: number, unit: number): void => {
    for (let index = from; index < to; index++) {
      const start = given.start(index)
      const end = given.end(index)
      const kind = given.kind(index)
      const sticks = start === given.end(index - 1)
      if (!sticks) written += ` /*\uE002${tokens.length}\uE003*/ `
      const raw = kind === undefined ? text.slice(start, end) : undefined
      written += kind === undefined ? raw : MARKERS[kind](tokens.length)
      tokens.push({ run, unit, segment, text: raw, sticks })
    }
  }
  let at = 0
  for (const { first, length, count } of shape.runs) {
    write(at, first, -1, 0)
    runs.push({ first: tokens.length, length, count: MODEL_RUN })
    for (let unit = 0; unit < MODEL_RUN; unit++) {
      const from = first + unit * length
      write(from, unit < MODEL_RUN - 1 ? from + length : from + length - 1, segment, unit)
    }
    segment++
    at = first + length * count - 1
  }
  write(at, given.length, -1, 0)
  return { text: written, tokens, runs }
}

/** A piece of what was made of a model: text of its own, or a neutral token or white space of the model. */
export interface ModelPiece {
  readonly text: string
  /** The token, or the one behind the white space; undefined for text of its own. */
  readonly token: number | undefined
  readonly space: boolean
}

export function piecesOf(made: string): readonly ModelPiece[] {
  const pieces: ModelPiece[] = []
  let at = 0
  for (const match of made.matchAll(MARKS)) {
    if (match.index > at) pieces.push({ text: made.slice(at, match.index), token: undefined, space: false })
    const [text, string, number, space] = match
    const token = Number(string ?? space ?? Number(number) - FIRST)
    pieces.push({ text, token, space: space !== undefined })
    at = match.index + text.length
  }
  if (at < made.length) pieces.push({ text: made.slice(at), token: undefined, space: false })
  return pieces
}

/** Tells whether a value that stands for others was looked at. */
export interface Watch {
  seen: boolean
}

/**
 * Puts a watch on the values of all neutral tokens in the tree of a model. False when one of them is not there as a
 * constant or a parameter, so that its value may have become something else.
 */
export function watchValues(roots: readonly Node[], model: ShapeModel, watch: Watch): boolean {
  const source = new SourceText(model.text)
  const neutral = new Set(model.tokens.flatMap(({ text }, index) => (text === undefined ? [index] : [])))
  const seen = new Set<number>()
  const neutralAt = (location: unknown): number | undefined => {
    if (typeof location !== 'number' || location < 0) return undefined
    let token = source.startingAt(source.offset(location))
    while (token?.word === '-') token = source.token(token.index + 1)
    return token && neutral.has(token.index) ? token.index : undefined
  }
  const left: unknown[] = [...roots]
  while (left.length > 0) {
    const node = left.pop()
    if (typeof node !== 'object' || node === null) continue
    const record = node as Record<string, unknown>
    for (const kind in record) {
      const value = record[kind]
      if (kind === 'A_Const' || kind === 'ParamRef') {
        const constant = value as Record<string, unknown>
        const token = neutralAt(constant.location)
        if (token === undefined) continue
        seen.add(token)
        for (const part in constant) if (part !== 'location') watchOne(constant, part, watch)
      } else left.push(value)
    }
  }
  return seen.size === neutral.size
}

/** Whether a constant is a string or a number may be asked; which one it is may not. */
function watchOne(constant: Record<string, unknown>, part: string, watch: Watch): void {
  const value = constant[part]
  if (typeof value === 'object' && value !== null) {
    constant[part] = new Proxy(value, {
      get(target, name) {
        watch.seen = true
        return Reflect.get(target, name)
      },
      ownKeys(target) {
        watch.seen = true
        return Reflect.ownKeys(target)
      },
    })
    return
  }
  Object.defineProperty(constant, part, {
    enumerable: true,
    get() {
      watch.seen = true
      return value
    },
  })
}
