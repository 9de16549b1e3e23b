import { beforeAll, expect, test, vi } from 'vitest'
import { migrationsFor, SITUATIONS, tablesAt } from '../../fixtures/migrating-tables.ts'
import { catalogOf } from '../../fixtures/plan-statement.ts'
import { createRewriter } from '../create-rewriter.ts'
import { loadParser, parse } from './parser.ts'

type ParserModule = import('libpg-query/wasm/libpg-query.js').ParserModule

const broken = vi.hoisted(() => ({ with: undefined as Error | undefined, instances: 0 }))

vi.mock('libpg-query/wasm/libpg-query.js', async (original) => {
  const { default: create } = await original<typeof import('libpg-query/wasm/libpg-query.js')>()
  /** A parser that fails in the midst of its work, as one that is out of memory does. */
  const breaking = <T extends Partial<ParserModule>>(parser: T): T => {
    broken.instances++
    const parseRaw = parser._wasm_parse_query_raw
    parser._wasm_parse_query_raw = (text) => {
      const result = parseRaw?.(text) ?? 0
      if (broken.with) throw broken.with
      return result
    }
    return parser
  }
  return {
    default: (hooks: Parameters<typeof create>[0]) => {
      const made = create(hooks)
      if (hooks._malloc) breaking(hooks)
      return hooks._malloc ? made : made.then(breaking)
    },
  }
})

beforeAll(loadParser)

const INSERT = "insert into users (name) values ('a')"

function rewriting(): (text: string) => readonly string[] {
  const migrations = migrationsFor('old')
  const rewriter = createRewriter({ migrations })
  const catalog = catalogOf(migrations, tablesAt('both'))
  return (text) => {
    const { outcome, reasons } = rewriter.planner(text, catalog).plan(() => SITUATIONS.switch.decision)
    return [outcome, ...reasons.map(({ code }) => code)]
  }
}

test.each([
  new Error('memory access out of bounds'),
  new RangeError('Invalid array length'),
  new SyntaxError('Unexpected end of JSON input'),
  new TypeError('x is not a function'),
])('%s within the parser passes for no syntax error, and ends with the statement', (error) => {
  const planned = rewriting()
  const before = broken.instances
  broken.with = error
  expect(() => parse(INSERT)).toThrow(expect.objectContaining({ code: 'parser-failed', cause: error }))
  expect(planned(INSERT)).toEqual(['refused', 'parser-failed'])
  expect(planned("insert into others (name) values ('a')")).toEqual(['unchanged'])
  broken.with = undefined
  expect(planned(INSERT)).toEqual(['rewritten'])
  expect(broken.instances).toBeGreaterThan(before + 1)
})

test('a parser whose memory has grown is replaced', () => {
  const rows = (count: number): string => `insert into t values ${'(1, 2, 3, 4), '.repeat(count)}(1, 2, 3, 4)`
  const before = broken.instances
  expect(parse(rows(100))).toHaveLength(1)
  expect(broken.instances).toBe(before)
  expect(parse(rows(20_000))).toHaveLength(1)
  expect(parse('select 1')).toHaveLength(1)
  expect(broken.instances).toBe(before + 1)
})
