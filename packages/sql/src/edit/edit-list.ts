import type { Range } from '../parse/source-text.ts'

interface Edit extends Range {
  readonly text: string
}

/** What happens at one position of the text. */
interface Stop {
  readonly position: number
  /** What closes something that ended here; in order. */
  readonly closing: string[]
  /** What opens something that starts here; the outermost first. */
  readonly opening: string[]
  /** The replacement of a range that starts here. */
  edit: Edit | undefined
}

interface Applied {
  readonly text: string
  /** The pieces of the original that are in it, with their places in the new text. */
  readonly kept: readonly (Range & { readonly at: number })[]
}

/** Two edits of one place, of which one would be lost. A mistake of this package: it plans no statement that way. */
export class OverlappingEdits extends Error {
  constructor(position: number) {
    super(`two edits overlap at ${position}`)
    this.name = 'OverlappingEdits'
  }
}

/**
 * Positioned edits on one text. A replaced range may not overlap another, and nothing may be put into it; text can be put in
 * before or after any other position, and nests as brackets do. Stops are kept in order, so that a statement of thousands of
 * rows costs no more per row than a short one.
 */
export class EditList {
  readonly #text: string
  readonly #stops: Stop[] = []
  #count = 0

  constructor(text: string) {
    this.#text = text
  }

  /** How many edits were made so far: tells whether a piece of work made any. */
  get count(): number {
    return this.#count
  }

  /** @throws OverlappingEdits where a range that starts there is replaced already */
  replace(range: Range, text: string): void {
    this.#count++
    this.#edit(this.#at(range.start), { start: range.start, end: range.end, text })
  }

  remove(range: Range): void {
    this.replace(range, '')
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
    for (const { position, closing, opening, edit } of other.#stops) {
      const here = this.#at(position)
      here.closing.push(...closing)
      here.opening.unshift(...opening)
      if (edit) this.#edit(here, edit)
    }
  }

  /** @throws OverlappingEdits where an edit lies within a replaced range, and would be lost */
  check(): void {
    let end = 0
    for (const stop of this.#stops) {
      if (stop.position < end && isEdited(stop)) throw new OverlappingEdits(stop.position)
      if (stop.edit) end = stop.edit.end
    }
  }

  /** The text of a range with its edits. */
  render(range: Range): string {
    return this.#apply(range).text
  }

  /** The text of a range with its edits, which are then no longer part of the list: the text goes elsewhere. */
  take(range: Range): string {
    const text = this.render(range)
    for (let index = this.#search(range.start); index < this.#stops.length; index++) {
      const stop = this.#stops[index]
      if (stop === undefined || stop.position > range.end) break
      if (stop.position < range.end) {
        stop.opening.length = 0
        stop.edit = undefined
      }
      if (stop.position > range.start) stop.closing.length = 0
    }
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

  /** Index of the first stop at or behind a position. */
  #search(position: number): number {
    let low = 0
    let high = this.#stops.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#stops[middle]?.position ?? position) < position) low = middle + 1
      else high = middle
    }
    return low
  }

  #edit(stop: Stop, edit: Edit): void {
    if (stop.edit) throw new OverlappingEdits(stop.position)
    stop.edit = edit
  }

  #at(position: number): Stop {
    const index = this.#search(position)
    const existing = this.#stops[index]
    if (existing?.position === position) return existing
    const made: Stop = { position, closing: [], opening: [], edit: undefined }
    this.#stops.splice(index, 0, made)
    return made
  }

  #apply(range: Range): Applied {
    const kept: (Range & { at: number })[] = []
    let text = ''
    let copied = range.start
    const copyTo = (position: number): void => {
      if (position <= copied) return
      kept.push({ start: copied, end: position, at: text.length })
      text += this.#text.slice(copied, position)
      copied = position
    }
    const first = this.#search(range.start)
    if ((this.#stops[first - 1]?.edit?.end ?? 0) > range.start) throw new OverlappingEdits(range.start)
    for (let index = first; index < this.#stops.length; index++) {
      const stop = this.#stops[index]
      if (stop === undefined || stop.position > range.end) break
      if (stop.position < copied) {
        if (isEdited(stop)) throw new OverlappingEdits(stop.position)
        continue
      }
      copyTo(stop.position)
      if (stop.position > range.start) text += stop.closing.join('')
      if (stop.position === range.end) break
      text += stop.opening.join('')
      if (stop.edit) {
        if (stop.edit.end > range.end) throw new OverlappingEdits(range.end)
        text += stop.edit.text
        copied = stop.edit.end
      }
    }
    copyTo(range.end)
    return { text, kept }
  }
}

const isEdited = ({ closing, opening, edit }: Stop): boolean =>
  edit !== undefined || closing.length > 0 || opening.length > 0
