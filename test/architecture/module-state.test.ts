import { describe, expect, it } from 'vitest'
import { packages, read } from './workspace.ts'

/**
 * What stands at the top of a module, changes, and is there once for each copy of the package that a process loads: as an
 * ES module, by `require`, in a bundle, anew after `jest.resetModules()`. What a process must have one of is `processWide`.
 */
const EACH_COPY_HAS_ITS_OWN: Readonly<Record<string, string>> = {
  'packages/pg/src/ask-own-query.ts: ours': 'marks queries that this copy has made, for the clients that it has made',
  'packages/session/src/statement/rewriter-failure.ts: told': 'each copy warns of what it has planned itself',
  'packages/session/src/statement/statement-event.ts: shapes': 'a cache by plan: another copy finds the same',
  'packages/pg/src/statement-name.ts: names': 'a cache by plan: another copy computes the same name',
  'packages/session/src/engine/engine-of.ts: prepared': 'the parser of this copy',
  'packages/postgres-js/src/planned-sql.ts: places': 'a cache by template: another copy finds the same place',
  'packages/sql/src/parse/parser.ts: loading': 'the parser of this copy',
  'packages/sql/src/parse/parser-instance.ts: found': 'the parser of this copy',
  'packages/sql/src/parse/parser-instance.ts: compiled': 'the parser of this copy',
  'packages/sql/src/parse/parser-instance.ts: current': 'the parser of this copy',
}

/** At the left margin: any `let`, and what is made empty. A set of words that is given them, and changes no more, is not state. */
const STATE =
  /^(?:export )?(?:let (?<variable>\w+)|const (?<name>\w+)(?:: [^=]+)? = (?:new (?:WeakMap|WeakSet|WeakRef|Map|Set|LRUCache|AsyncLocalStorage|EventEmitter)(?:<[^(]*>)?\(\)|new LRUCache|Symbol\(|\[\]|\{\}$))/gmu

const SYMBOLS_OF_ONE_CALL = new Set(['packages/postgres-js/src/template-text.ts: AS_GIVEN'])

describe('state of a module', () => {
  const found = packages.flatMap(({ sources }) =>
    sources.flatMap((file) =>
      [...read(file).matchAll(STATE)].map(({ groups }) => `${file}: ${groups?.variable ?? groups?.name}`),
    ),
  )

  it('is what each copy of a package may have of its own', () => {
    const state = found.filter((each) => !SYMBOLS_OF_ONE_CALL.has(each))
    expect(state.sort(), 'use processWide of core, or give the reason here').toEqual(
      Object.keys(EACH_COPY_HAS_ITS_OWN).sort(),
    )
  })

  it('that a process has one of is listed on the page', () => {
    const page = read('docs/bundlers-and-jest.md')
    const names = packages.flatMap(({ sources }) =>
      sources.flatMap((file) =>
        [...read(file).matchAll(/processWide\(\s*['`](?<name>[^'`$]+)/gu)].map(({ groups }) => groups?.name ?? ''),
      ),
    )
    expect(names.length).toBeGreaterThan(2)
    for (const name of names) expect(page).toContain(`\`expand-contract.${name}`)
  })
})
