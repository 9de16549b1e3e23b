import type { Rewriter } from '@expand-contract/sql'
import { expect, test } from 'vitest'
import type { Asking } from '../own-query/own-query.ts'
import { CatalogStore } from './catalog-store.ts'
import { OldColumnsSeen } from './old-columns-seen.ts'

const emptyStore = (): CatalogStore =>
  new CatalogStore({
    migrations: [],
    rewriter: () => ({}) as Rewriter,
    leaseMs: 1_000,
    observer: {},
    phaseOf: () => undefined,
    oldColumns: new OldColumnsSeen(),
    brokenMappings: new Map(),
  })

/** What a session with this search path is answered. */
function answered<T>(work: Asking<T>, path: string): T {
  const row = { path, isolation: 'read committed', digest: path, stamp: path, content: '{ "resolved": [] }' }
  let step = work.next()
  while (step.done !== true) step = work.next({ rows: [row], fields: [] })
  return step.value
}

const load = (store: CatalogStore, path: string): void => {
  const known = store.get(path)
  answered(store.load({ known, missing: [], ownCatalog: false, begunAt: undefined }), path)
}

test('a store knows 500 search paths, and forgets first what was used longest ago', () => {
  const store = emptyStore()
  expect(store.started).toBe(false)
  const paths = Array.from({ length: 500 }, (_, nr) => `["pg_temp_${nr}"]`)
  for (const path of paths) load(store, path)
  expect(paths.filter((path) => store.get(path) === undefined)).toEqual([])

  // In use: it is read again when its lease is over.
  load(store, paths[0] ?? '')
  load(store, '["public"]')
  expect(store.get('["public"]')).toBeDefined()
  expect(store.get(paths[0] ?? '')).toBeDefined()
  expect(store.get(paths[1] ?? '')).toBeUndefined()
})

test('what a session sees alone is nothing that another one finds', () => {
  const store = emptyStore()
  answered(store.load({ known: undefined, missing: [], ownCatalog: true, begunAt: 0 }), '["public"]')
  expect(store.get('["public"]')).toBeUndefined()
  expect(store.started).toBe(false)
})

test('a change by this process expires every path', () => {
  const store = emptyStore()
  for (const path of ['["a"]', '["b"]']) load(store, path)
  store.expireAll()
  expect(['["a"]', '["b"]'].map((path) => store.get(path)?.isFresh(Date.now()))).toEqual([false, false])
})
