import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from './parser.ts'
import { endsItem, type Range, SourceText } from './source-text.ts'

beforeAll(loadParser)

const piecesOf = ({ text }: SourceText, ranges: readonly Range[]): readonly string[] =>
  ranges.map(({ start, end }) => text.slice(start, end))

const tokensOf = (text: string): readonly string[] => {
  const source = new SourceText(text)
  return piecesOf(source, source.tokens)
}

const bytesBefore = (text: string, part: string): number => Buffer.byteLength(text.slice(0, text.indexOf(part)))

describe('a name', () => {
  it.each([
    [`SELECT a.b.c, d`, 3, 'c'],
    [`SELECT a.U&"b!0062" UESCAPE '!' . c`, 3, 'c'],
    [`SELECT a.U&"b!0062" /* x */ uescape '!', d`, 2, `U&"b!0062" /* x */ uescape '!'`],
    [`SELECT U&"a" uescape '!'.*`, 2, '*'],
    [`SELECT uescape.b 'x'`, 2, 'b'],
  ])('of %s has parts of one token each', (text, parts, last) => {
    const source = new SourceText(text)
    const first = source.tokens[1]
    const end = first && source.nameEnd(first, parts)
    expect(text.slice(end?.start, end?.end)).toBe(last)
  })

  it('is taken with the brackets that hold nothing else', () => {
    const source = new SourceText('SELECT (((a.b)), c)')
    const [open, a, b] = [source.tokens[1], source.tokens[4], source.tokens[6]]
    if (!open || !a || !b) throw new Error('fewer tokens')
    const text = (from?: number) => {
      const { start, end } = source.withBrackets(a, b, from)
      return source.text.slice(start, end)
    }
    expect(text()).toBe('((a.b))')
    expect(text(a.start - 1)).toBe('(a.b)')
  })
})

describe('positions', () => {
  it.each([
    "SELECT 'plain', name",
    "SELECT 'für', name",
    "SELECT '😀', name",
    'SELECT "größe", name',
    "SELECT U&'d\\00FCr', name",
    'SELECT $ü$ 👩‍👩‍👧 $ü$, name',
    "/* 漢字 */ SELECT '𝒳', name",
    "SELECT e'\\u00fc €', name",
  ])('in bytes become positions in UTF-16 units: %s', (text) => {
    const source = new SourceText(text)
    const token = source.tokenAt(bytesBefore(text, 'name'))
    expect(token).toMatchObject({ start: text.indexOf('name'), end: text.length })
  })

  it('may lie outside of the text', () => {
    const source = new SourceText('SELECT ü')
    expect(source.offset(undefined)).toBe(0)
    expect(source.offset(99)).toBe('SELECT ü'.length)
  })

  it('lead to a token or to an error', () => {
    const source = new SourceText('SELECT  name')
    expect(() => source.tokenAt(7)).toThrow('no token starts at 7')
    expect(source.tokenFrom(7)).toMatchObject({ start: 8, end: 12 })
    expect(source.tokenFrom(12)).toBeUndefined()
  })

  it('hold for any text', () => {
    const piece = fc.constantFrom('😀', 'ü', '漢', 'a', ' ', '§')
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(piece), fc.stringMatching(/^[a-z]{3}$/u)), { minLength: 1 }), (parts) => {
        const text = `SELECT ${parts.map(([letters, name]) => `'${letters.join('')}' AS "${name}ß"`).join(', ')}`
        const source = new SourceText(text)
        for (const token of source.tokens) {
          const byte = Buffer.byteLength(text.slice(0, token.start))
          expect(source.offset(byte)).toBe(token.start)
          expect(source.tokenAt(byte)).toBe(token)
        }
        expect(piecesOf(source, source.tokens).filter((each) => each.startsWith('"'))).toEqual(
          parts.map(([, name]) => `"${name}ß"`),
        )
      }),
    )
  })
})

describe('tokens', () => {
  it.each([
    ['SELECT /* a, ( */ name -- , )\n FROM t', ['SELECT', 'name', 'FROM', 't']],
    ['SELECT /* outer /* inner ) */ still */ 1', ['SELECT', '1']],
    ['SELECT $$ a, (b $$, $tag$ $$ ) $tag$', ['SELECT', '$$ a, (b $$', ',', '$tag$ $$ ) $tag$']],
    [String.raw`SELECT E'it\'s, (', 'it''s)'`, ['SELECT', String.raw`E'it\'s, ('`, ',', "'it''s)'"]],
    [String.raw`SELECT U&'\0041' , U&"n\0061me"`, ['SELECT', String.raw`U&'\0041'`, ',', String.raw`U&"n\0061me"`]],
    ["SELECT 'one'\n  'more'", ['SELECT', "'one'\n  'more'"]],
    ['SELECT a.b::text[1:2]', ['SELECT', 'a', '.', 'b', '::', 'text', '[', '1', ':', '2', ']']],
    ['SELECT $1->>$2', ['SELECT', '$1', '->>', '$2']],
    ["SELECT B'01', X'1F', 1.5e3", ['SELECT', "B'01'", ',', "X'1F'", ',', '1.5e3']],
  ])('of %s', (text, tokens) => {
    expect(tokensOf(text)).toEqual(tokens)
  })

  it('have a word for words and punctuation, whatever their case, and none for quoted names and values', () => {
    const source = new SourceText(`select Users.name, "FROM", 'from', $1, 12 from t`)
    expect(source.tokens.map((token) => token.word)).toEqual([
      ...['SELECT', 'USERS', '.', 'NAME', ',', undefined, ',', undefined, ',', undefined, ',', undefined],
      ...['FROM', 'T'],
    ])
  })
})

describe('closing', () => {
  it.each([
    ['SELECT (a + (b - c)) * d', '(a + (b - c))'],
    ["SELECT (')', '(', \")\", $$)$$ /* ) */, x[(1)]) + 1", "(')', '(', \")\", $$)$$ /* ) */, x[(1)])"],
    ['SELECT (ARRAY[1, 2])[1]', '(ARRAY[1, 2])'],
  ])('finds the other bracket in %s', (text, bracket) => {
    const source = new SourceText(text)
    const open = source.tokenAt(text.indexOf('('))
    expect(text.slice(open.start, source.closing(open).end)).toBe(bracket)
  })
})

describe('elements', () => {
  it.each([
    ['f(a, b)', ['a', 'b']],
    ['f( a )', ['a']],
    ['f()', []],
    ["f((1, 2), 'x, y', ARRAY[3, 4], g(5, 6) /* , */)", ['(1, 2)', "'x, y'", 'ARRAY[3, 4]', 'g(5, 6)']],
    ['f(a[1, 2], (SELECT b, c), CASE WHEN d THEN e END)', ['a[1, 2]', '(SELECT b, c)', 'CASE WHEN d THEN e END']],
  ])('of %s', (text, elements) => {
    const source = new SourceText(text)
    expect(piecesOf(source, source.elements(source.tokenAt(text.indexOf('('))))).toEqual(elements)
  })
})

describe('an expression in a list', () => {
  it.each([
    ['SELECT a FROM t', 'a'],
    ['SELECT a', 'a'],
    ['SELECT a; SELECT b', 'a'],
    ['SELECT a, b FROM t', 'a'],
    ['(SELECT a)', 'a'],
    ['SELECT CASE a WHEN 1 THEN b END FROM t', 'CASE a WHEN 1 THEN b END'],
    ['SELECT CASE WHEN CASE WHEN a THEN b END THEN c END, d', 'CASE WHEN CASE WHEN a THEN b END THEN c END'],
    ['SELECT a IS DISTINCT FROM b FROM t', 'a IS DISTINCT FROM b'],
    ['SELECT a IS NOT DISTINCT FROM b FROM t', 'a IS NOT DISTINCT FROM b'],
    ['SELECT mode() WITHIN GROUP (ORDER BY a) FROM t', 'mode() WITHIN GROUP (ORDER BY a)'],
    ['SELECT count(*) FILTER (WHERE a > 1) FROM t', 'count(*) FILTER (WHERE a > 1)'],
    ['SELECT extract(year FROM a) FROM t', 'extract(year FROM a)'],
    ['SELECT t."from".x FROM t', 't."from".x'],
    ['SELECT t.order FROM t', 't.order'],
    ['SELECT a AS from FROM t', 'a AS from'],
    [
      'SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t',
      'sum(a) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)',
    ],
    ['SELECT (SELECT b FROM c WHERE d), e', '(SELECT b FROM c WHERE d)'],
    ['SELECT a WHERE b', 'a'],
    ['SELECT a INTO x FROM t', 'a'],
    ['SELECT a UNION SELECT b', 'a'],
    ['SELECT a LIMIT 1', 'a'],
    ['SELECT a FOR UPDATE', 'a'],
  ])('%s', (text, expression) => {
    const source = new SourceText(text)
    const first = source.tokens.findIndex((token) => token.word === 'SELECT') + 1
    const { start, end } = source.range(first, source.expressionEnd(first, endsItem))
    expect(text.slice(start, end)).toBe(expression)
  })

  it('has at least one token', () => {
    expect(() => new SourceText('SELECT a').range(1, 1)).toThrow('an empty range')
  })
})
