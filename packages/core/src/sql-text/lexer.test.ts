import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { loadModule, scanSync } from 'libpg-query'
import { beforeAll, describe, expect, test } from 'vitest'
import { type LexemeKind, lex, withJoinedLiterals } from './lexer.ts'

beforeAll(loadModule)

type Place = readonly [start: number, end: number]

function ours(text: string): readonly Place[] | undefined {
  const seen: Place[] = []
  return lex(text, (_, start, end) => seen.push([start, end])) ? seen : undefined
}

/** The parser's own scanner; undefined for what it does not accept. A backslash of its own is no token of any SQL. */
function theirs(text: string): readonly Place[] | undefined {
  const bytes = Buffer.from(withJoinedLiterals(text))
  const units = (byte: number): number =>
    bytes.length === text.length ? byte : bytes.subarray(0, byte).toString().length
  try {
    const tokens = scanSync(bytes.toString()).tokens.filter(({ tokenName }) => !/^(?:SQL|C)_COMMENT$/u.test(tokenName))
    const places = tokens.map(({ start, end }): Place => [units(start), units(end)])
    return tokens.some(({ start, end }) => bytes.subarray(start, end).toString() === '\\') ? undefined : places
  } catch {
    return undefined
  }
}

const agree = (text: string): void => {
  const expected = theirs(text)
  if (expected !== undefined) expect(ours(text), JSON.stringify(text)).toEqual(expected)
}

describe('the tokens of the parser’s own scanner', () => {
  const cases = join(import.meta.dirname, '../../../../test/corpus/cases')
  const corpus = readdirSync(cases, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))

  test('in every text of the corpus', () => {
    expect(corpus.length).toBeGreaterThan(100)
    for (const text of corpus) {
      expect(theirs(text)).toBeDefined()
      agree(text)
    }
  })

  test.each([
    `select e'it\\'s', E'\\\\', 'a''b', b'01', X'1f', n'nchar', U&'\\0041' UESCAPE '!', U&"d\\0061t" from t`,
    `select 'one'\n'two' , 'one' -- a comment\n  'two', E'a'\n'\\'b', 'one' 'two'`,
    'select $$a\'b$$, $tag$ $$ $other$ $tag$, $1, $22::int, "a""b", "$1"',
    'select 1, 1.5, .5, 1., 1e10, 1.5e-3, 0x1F, 0o17, 0b11, 1_000, 1_0.0_1, a[1:2], a[1..2]',
    'select a<-1, a <- -1, a@-1, a->>b, a-- comment\n-b, a/* x */-b, a*-b, a|/b, 4!=-3, a~~*b, x::int, f(a := 1, b => 2)',
    'select /* one /* two */ three */ 1 -- end',
    'select "ü", ü, a\u00a0b, 日本, 𝒳, "🙂", \'🙂\', a$b',
    'select * from t where a = ANY (ARRAY[1,2]) and b between 1 and 2;',
    "select date'2020-01-01', interval '1' day, name'x', type 'y'",
    'select\t\r\n\f\v1',
  ])('%s', (text) => {
    expect(theirs(text)).toBeDefined()
    agree(text)
  })

  test('in whatever order its pieces stand', () => {
    const piece = fc.constantFrom(
      ...`a A_1 "q" "q""r" 'x' 'y''z' E'\\'' E'a\\\\' b'1' u&'x' U&"y" n'z' $1 $$d$$ $t$e$t$ 1 2.5 .5 3. 4e5 0x1f 1_0 ( ) [ ] , ; : :: := .. . + - * / < > = <= >= <> != => -> ->> @ @- | || ? & # % ^ ~ ! \` select from null über`.split(
        ' ',
      ),
      ...[' ', ' ', '\n', '\t', '-- c\n', '--\n', '/* c */', '/*/**/*/'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => agree(pieces.join(''))),
      { numRuns: 2_000 },
    )
  })
})

test('kinds', () => {
  const kinds: (readonly [string, LexemeKind])[] = []
  const text = `Select u&"a", "b", 'c', E'd', $$e$$, 1.5, $1 <> x`
  lex(text, (kind, start, end) => kinds.push([text.slice(start, end), kind]))
  expect(kinds.filter(([piece]) => piece !== ',')).toEqual([
    ['Select', 'word'],
    ['u&"a"', 'quoted'],
    ['"b"', 'quoted'],
    ["'c'", 'literal'],
    ["E'd'", 'literal'],
    ['$$e$$', 'literal'],
    ['1.5', 'literal'],
    ['$1', 'parameter'],
    ['<>', 'symbol'],
    ['x', 'word'],
  ])
})

test('a comment within a literal becomes as many bytes of blanks, and no other', () => {
  const text = `select 'a--b' -- ü🙂\n  'c', "/*" /* x */, E'\\'' -- d\n-- e\n'\\'', $$ -- $$ -- f`
  const joined = `select 'a--b'          \n  'c', "/*" /* x */, E'\\''     \n    \n'\\'', $$ -- $$ -- f`
  expect(withJoinedLiterals(text)).toBe(joined)
  expect(Buffer.byteLength(joined)).toBe(Buffer.byteLength(text))
})

test('a comment around UESCAPE becomes blanks, too', () => {
  const text = `select u&"a" /* ü */ uescape -- b\n '!', u&'c' /* d */, uescape /* e */ from t`
  const joined = `select u&"a"          uescape     \n '!', u&'c' /* d */, uescape /* e */ from t`
  expect(withJoinedLiterals(text)).toBe(joined)
})

test('what is not known is said', () => {
  for (const text of ["'open", '"open', '$$open', '/* open', "E'open\\'", '\u0001']) expect(ours(text)).toBeUndefined()
})

test('long literals and comments take time in proportion', () => {
  const text = `select ${`E'${'x'.repeat(100)}', `.repeat(20_000)}'${'y'.repeat(2_000_000)}' /* ${'z'.repeat(1_000_000)} */`
  expect(ours(text)?.length).toBe(40_002)
})

test('blanks behind a literal and a line break are gone through once', () => {
  const blanks = ' '.repeat(100_000)
  const lexemes = (text: string): readonly string[] => {
    const seen: string[] = []
    lex(text, (_, start, end) => seen.push(text.slice(start, end)))
    return seen
  }
  expect(lexemes(`'a'\n${blanks}from`)).toEqual(["'a'", 'from'])
  expect(lexemes(`'a'\n${'  \n -- b\n'.repeat(20_000)}from`)).toEqual(["'a'", 'from'])
  expect(lexemes(`'a'\n${blanks}'b'`)).toHaveLength(1)
})
