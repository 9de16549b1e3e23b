import type { Range } from './source-text.ts'

interface Edit extends Range {
  readonly text: string
}

interface Insertions {
  /** What closes something that ended here; in order. */
  readonly closing: string[]
  /** What opens something that starts here; the outermost first. */
  readonly opening: string[]
}

/**
 * Positioned edits on one text. A replaced range may not overlap another; text can be put in before or after any
 * position, and nests as brackets do.
 */
export class EditList {
  readonly #text: string
  readonly #replacements: Edit[] = []
  readonly #insertions = new Map<number, Insertions>()
  #count = 0

  constructor(text: string) {
    this.#text = text
  }

  /** How many edits were made so far: tells whether a piece of work made any. */
  get count(): number {
    return this.#count
  }

  replace(range: Range, text: string): void {
    this.#count++
    this.#replacements.push({ start: range.start, end: range.end, text })
  }

  /** Puts text behind what ends at a position. */
  after(position: number, text: string): void {
    this.#count++
    this.#at(position).closing.push(text)
  }

  /** Puts text in front of what starts at a position, and of what was put there before. */
  before(position: number, text: string): void {
    this.#count++
    this.#at(position).opening.unshift(text)
  }

  /** Takes over all edits of another list on the same text. */
  addAll(other: EditList): void {
    this.#count += other.#count
    this.#replacements.push(...other.#replacements)
    for (const [position, { closing, opening }] of other.#insertions) {
      const here = this.#at(position)
      here.closing.push(...closing)
      here.opening.unshift(...opening)
    }
  }

  remove(range: Range): void {
    this.replace(range, '')
  }

  /** The text of a range with its edits. */
  render(range: Range): string {
    return this.#apply(range).text
  }

  /** The text of a range with its edits, which are then no longer part of the list: the text goes elsewhere. */
  take(range: Range): string {
    const text = this.render(range)
    const inside = this.#replacements.filter((edit) => edit.start >= range.start && edit.end <= range.end)
    for (const edit of inside) this.#replacements.splice(this.#replacements.indexOf(edit), 1)
    for (const position of [...this.#insertions.keys()])
      if (position > range.start && position < range.end) this.#insertions.delete(position)
    const first = this.#insertions.get(range.start)
    if (first) first.opening.length = 0
    const last = this.#insertions.get(range.end)
    if (last) last.closing.length = 0
    return text
  }

  /** The whole text with all edits, and the way back from its positions. */
  apply(): { readonly text: string; readonly mapPosition: (position: number) => number | undefined } {
    const { text, kept } = this.#apply({ start: 0, end: this.#text.length })
    return {
      text,
      mapPosition(position) {
        const piece = kept.find((each) => position >= each.at && position < each.at + (each.end - each.start))
        return piece === undefined ? undefined : piece.start + (position - piece.at)
      },
    }
  }

  #at(position: number): Insertions {
    const existing = this.#insertions.get(position)
    if (existing) return existing
    const made: Insertions = { closing: [], opening: [] }
    this.#insertions.set(position, made)
    return made
  }

  #apply(range: Range): { text: string; kept: readonly (Range & { readonly at: number })[] } {
    const replacements = this.#replacements
      .filter((edit) => edit.start >= range.start && edit.end <= range.end)
      .sort((a, b) => a.start - b.start || a.end - b.end)
    const stops = [
      ...new Set([
        range.start,
        range.end,
        ...replacements.flatMap((edit) => [edit.start, edit.end]),
        ...this.#insertions.keys(),
      ]),
    ]
      .filter((position) => position >= range.start && position <= range.end)
      .sort((a, b) => a - b)
    const kept: (Range & { at: number })[] = []
    let text = ''
    let copied = range.start
    let next = 0
    for (const stop of stops) {
      const current = replacements[next - 1]
      if (current !== undefined && stop < current.end && stop > current.start) continue
      if (stop > copied) {
        kept.push({ start: copied, end: stop, at: text.length })
        text += this.#text.slice(copied, stop)
        copied = stop
      }
      const here = this.#insertions.get(stop)
      if (here && stop !== range.start) text += here.closing.join('')
      if (here && stop !== range.end) text += here.opening.join('')
      const edit = replacements[next]
      if (edit !== undefined && edit.start === stop) {
        text += edit.text
        copied = edit.end
        next++
      }
    }
    return { text, kept }
  }
}
