import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Range } from '../parse/source-text.ts'
import { EditList, OverlappingEdits } from './edit-list.ts'

describe('EditList', () => {
  it('replaces, removes and puts in, and leaves the rest', () => {
    const edits = new EditList('SELECT name /* why */ FROM users')
    edits.replace({ start: 7, end: 11 }, 'u.full_name')
    edits.before(7, 'upper(')
    edits.after(11, ')')
    edits.remove({ start: 21, end: 32 })
    expect(edits.apply().text).toBe('SELECT upper(u.full_name) /* why */')
    expect(edits.count).toBe(4)
  })

  it('nests what is put in at one position as brackets do: the later one is outside', () => {
    const edits = new EditList('a b')
    edits.before(0, '(')
    edits.after(1, ')')
    edits.before(0, '[')
    edits.after(1, ']')
    edits.before(2, '<')
    expect(edits.apply().text).toBe('[(a)] <b')
  })

  it('closes what ends at a position before it opens what starts there', () => {
    const edits = new EditList('ab')
    edits.before(1, '<')
    edits.after(1, '>')
    expect(edits.apply().text).toBe('a><b')
  })

  it('gives the text of a part, with what belongs to it', () => {
    const edits = new EditList('a + b')
    edits.before(4, '(')
    edits.after(5, ')')
    edits.after(4, '!')
    edits.before(5, '?')
    expect(edits.render({ start: 4, end: 5 })).toBe('(b)')
  })

  it('hands a part over, which then is the original again', () => {
    const edits = new EditList('f(a, b)')
    edits.replace({ start: 2, end: 3 }, 'x')
    edits.replace({ start: 5, end: 6 }, 'y')
    edits.after(6, '!')
    expect(edits.take({ start: 5, end: 6 })).toBe('y!')
    expect(edits.apply().text).toBe('f(x, b)')
  })

  it('refuses what was put inside of a range that is replaced', () => {
    const edits = new EditList('abcd')
    edits.before(2, '!')
    edits.replace({ start: 1, end: 3 }, '-')
    expect(() => edits.check()).toThrow(new OverlappingEdits(2))
    expect(() => edits.apply()).toThrow(new OverlappingEdits(2))
  })

  it('refuses to replace a range twice, unless the first text was handed over', () => {
    const edits = new EditList('abcd')
    edits.replace({ start: 1, end: 3 }, '-')
    expect(() => edits.replace({ start: 1, end: 2 }, '+')).toThrow(new OverlappingEdits(1))
    const other = new EditList('abcd')
    other.remove({ start: 1, end: 2 })
    expect(() => edits.addAll(other)).toThrow(new OverlappingEdits(1))
    expect(edits.take({ start: 1, end: 3 })).toBe('-')
    edits.replace({ start: 1, end: 3 }, '+')
    expect(edits.apply().text).toBe('a+d')
  })

  it('gives no part that begins or ends within a replaced range', () => {
    const edits = new EditList('abcdef')
    edits.replace({ start: 1, end: 4 }, '-')
    expect(() => edits.render({ start: 2, end: 6 })).toThrow(OverlappingEdits)
    expect(() => edits.render({ start: 0, end: 3 })).toThrow(OverlappingEdits)
    expect(edits.render({ start: 0, end: 4 })).toBe('a-')
    expect(edits.render({ start: 4, end: 6 })).toBe('ef')
  })

  it('knows no position inside of what was put in, and those around it', () => {
    const edits = new EditList('a name b')
    edits.replace({ start: 2, end: 6 }, 'full_name')
    const { mapPosition } = edits.apply()
    expect([0, 1, 2, 5, 10, 11, 12, 99].map(mapPosition)).toEqual([
      0,
      1,
      undefined,
      undefined,
      undefined,
      6,
      7,
      undefined,
    ])
  })

  it('takes time in proportion to the edits: 20,000 in a text of 1 MB', () => {
    const text = 'x, '.repeat(350_000)
    const edits = new EditList(text)
    // Of the processor: others may have it for a while.
    const started = process.cpuUsage()
    for (let index = 0; index < 20_000; index++) {
      const start = index * 51
      edits.replace({ start, end: start + 1 }, 'y')
      edits.after(start + 1, ')')
    }
    expect(edits.apply().text).toHaveLength(text.length + 20_000)
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000)
  })
})

/** What the list must do, said in the plainest way: character by character. */
type Operation =
  | { readonly kind: 'replace'; readonly range: Range; readonly text: string }
  | { readonly kind: 'before' | 'after'; readonly position: number; readonly text: string }

interface Written {
  readonly text: string
  readonly origin: number | undefined
}

function naively(original: string, operations: readonly Operation[], range: Range): readonly Written[] {
  const written: Written[] = []
  const put = (text: string): void => {
    for (const unit of text.split('')) written.push({ text: unit, origin: undefined })
  }
  const putIn = (kind: 'before' | 'after', position: number): readonly string[] =>
    operations.flatMap((each) => (each.kind === kind && each.position === position ? [each.text] : []))
  let at = range.start
  while (at <= range.end) {
    if (at > range.start) put(putIn('after', at).join(''))
    if (at === range.end) break
    put(putIn('before', at).toReversed().join(''))
    const replaced = operations.find((each) => each.kind === 'replace' && each.range.start === at)
    if (replaced?.kind === 'replace') {
      put(replaced.text)
      at = replaced.range.end
    } else {
      written.push({ text: original[at] ?? '', origin: at })
      at++
    }
  }
  return written
}

const textOf = (written: readonly Written[]): string => written.map(({ text }) => text).join('')

const ORIGINAL = 'abcdefghijkl'

/** Ranges that do not overlap, and text put in anywhere, within them as well; in any order. */
const anyOperations: fc.Arbitrary<readonly Operation[]> = fc
  .tuple(
    fc.uniqueArray(fc.nat(ORIGINAL.length), { maxLength: 6 }),
    fc.array(fc.tuple(fc.constantFrom('before', 'after'), fc.nat(ORIGINAL.length)), { maxLength: 8 }),
  )
  .map(([bounds, places]): readonly Operation[] => {
    const sorted = bounds.toSorted((a, b) => a - b)
    const ranges = sorted.flatMap((start, index) => {
      const end = sorted[index + 1]
      return index % 2 === 0 && end !== undefined ? [{ start, end }] : []
    })
    return [
      ...ranges.map((range, index): Operation => ({ kind: 'replace', range, text: `R${index}` })),
      ...places.map(([kind, position], index): Operation => ({ kind, position, text: `<${index}>` })),
    ]
  })
  .chain((all) => fc.shuffledSubarray([...all], { minLength: all.length }))

const within = ({ start, end }: Range, each: Operation): boolean =>
  each.kind !== 'replace' && each.position > start && each.position < end

const loses = (all: readonly Operation[]): boolean =>
  all.some((each) => each.kind === 'replace' && all.some((other) => within(each.range, other)))

/** The same without what lies within a range. */
const operations = anyOperations.map((all) =>
  all.filter((each) => !all.some((other) => other.kind === 'replace' && within(other.range, each))),
)

function record(edits: EditList, all: readonly Operation[]): EditList {
  for (const each of all)
    if (each.kind === 'replace') edits.replace(each.range, each.text)
    else edits[each.kind](each.position, each.text)
  return edits
}

const WHOLE: Range = { start: 0, end: ORIGINAL.length }

describe('EditList, against a model', () => {
  /** At the very ends nothing starts behind the text, and nothing ends in front of it. */
  const inside = (each: Operation): boolean =>
    each.kind === 'replace' || (each.kind === 'before' ? each.position < WHOLE.end : each.position > 0)

  it('applies any edits, and leads back from every position', () => {
    fc.assert(
      fc.property(operations, (all) => {
        const { text, mapPosition } = record(new EditList(ORIGINAL), all).apply()
        const expected = naively(ORIGINAL, all.filter(inside), WHOLE)
        expect(text).toBe(textOf(expected))
        expect([...text].map((_, position) => mapPosition(position))).toEqual(expected.map(({ origin }) => origin))
      }),
    )
  })

  it('applies no edits of which one would be lost', () => {
    const lost = { some: 0, none: 0 }
    fc.assert(
      fc.property(anyOperations, (all) => {
        const edits = record(new EditList(ORIGINAL), all)
        if (loses(all)) {
          lost.some++
          expect(() => edits.check()).toThrow(OverlappingEdits)
          expect(() => edits.apply()).toThrow(OverlappingEdits)
        } else {
          lost.none++
          edits.check()
          edits.apply()
        }
      }),
    )
    expect(Math.min(lost.some, lost.none)).toBeGreaterThan(10)
  })

  it('refuses every range that begins where another does, from another list as well', () => {
    fc.assert(
      fc.property(operations, fc.boolean(), (all, alone) => {
        const range = all.flatMap((each) => (each.kind === 'replace' ? [each.range] : []))[0]
        fc.pre(range !== undefined)
        if (range === undefined) return
        const edits = record(new EditList(ORIGINAL), all)
        const again = { ...range, end: range.start + 1 }
        const other = new EditList(ORIGINAL)
        other.replace(again, '!')
        expect(() => (alone ? edits.replace(again, '!') : edits.addAll(other))).toThrow(OverlappingEdits)
      }),
    )
  })

  it('renders any part that no replaced range crosses, and hands it over', () => {
    const part = fc.tuple(fc.nat(ORIGINAL.length), fc.nat(ORIGINAL.length))
    fc.assert(
      fc.property(operations, part, (all, [a, b]) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) }
        const crosses = all.some(
          (each) =>
            each.kind === 'replace' &&
            ((each.range.start < range.start && each.range.end > range.start) ||
              (each.range.start < range.end && each.range.end > range.end)),
        )
        fc.pre(!crosses && range.end > range.start)
        const edits = record(new EditList(ORIGINAL), all)
        const expected = textOf(naively(ORIGINAL, all, range))
        expect(edits.render(range)).toBe(expected)
        expect(edits.take(range)).toBe(expected)

        const belongs = (each: Operation): boolean => {
          const position = each.kind === 'replace' ? each.range.start : each.position
          return each.kind === 'after'
            ? position > range.start && position <= range.end
            : position >= range.start && position < range.end
        }
        const left = all.filter((each) => !belongs(each))
        expect(edits.apply().text).toBe(textOf(naively(ORIGINAL, left.filter(inside), WHOLE)))
      }),
    )
  })

  it('takes over the edits of another list as if they had been made here', () => {
    fc.assert(
      fc.property(operations, fc.nat(14), (all, cut) => {
        const one = record(new EditList(ORIGINAL), all)
        const first = record(new EditList(ORIGINAL), all.slice(0, cut))
        first.addAll(record(new EditList(ORIGINAL), all.slice(cut)))
        expect(first.apply().text).toBe(one.apply().text)
        expect(first.count).toBe(one.count)
      }),
    )
  })
})
