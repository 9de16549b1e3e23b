import type { Migration } from '@expand-contract/core'
import * as sql from '@expand-contract/sql'
import type pg from 'pg'
import type { CatalogSnapshot } from '../../packages/session/src/catalog/catalog-snapshot.ts'
import { CatalogStore } from '../../packages/session/src/catalog/catalog-store.ts'
import { OldColumnsSeen } from '../../packages/session/src/catalog/old-columns-seen.ts'
import type { Asking, OwnQueryResult } from '../../packages/session/src/own-query/own-query.ts'
import type { DatabaseForTests } from '../support/database-for-tests.ts'

export interface LoadedCatalog {
  /** What the rewriter was given. */
  readonly input: sql.CatalogInput
  readonly snapshot: CatalogSnapshot
  /** The relation of a name that was asked for: null where there is none. */
  readonly facts: (schema: string | undefined, name: string) => sql.RelationFacts | null | undefined
  /** Asks again, and tells whether the catalog is another now. */
  readonly renew: () => Promise<boolean>
}

/** Reads the catalog as a client of these migrations does, with names that a statement needs besides. */
export async function loadCatalog(
  client: pg.Client,
  migrations: readonly Migration[],
  missing: readonly (readonly [schema: string | undefined, name: string])[] = [],
): Promise<LoadedCatalog> {
  const inputs: sql.CatalogInput[] = []
  await sql.loadParser()
  const rewriter = sql.createRewriter({ migrations })
  const store = new CatalogStore({
    migrations,
    rewriter: () => rewriter,
    onInput: (input) => inputs.push(input),
    leaseMs: 1_000,
    observer: {},
    phaseOf: () => undefined,
    oldColumns: new OldColumnsSeen(),
    brokenMappings: new Map(),
  })
  const request = { ownCatalog: false, begunAt: undefined }
  const names = missing.map(([schema, name]) => ({ schema, name }))
  const { snapshot } = await run(store.load({ ...request, known: undefined, missing: names }), client)
  const [input] = inputs
  if (input === undefined) throw new Error('no catalog was made')
  return {
    input,
    snapshot,
    facts: (schema, name) => input.relations.find((each) => each.schema === schema && each.name === name)?.facts,
    async renew() {
      const before = snapshot.catalog
      snapshot.expired()
      await run(store.load({ ...request, known: snapshot, missing: [] }), client)
      return snapshot.catalog !== before
    },
  }
}

/** `loadCatalog` with the client of a database. */
export const loaderOf =
  (database: DatabaseForTests) =>
  (
    ...request: Parameters<typeof loadCatalog> extends [unknown, ...infer Rest] ? Rest : never
  ): Promise<LoadedCatalog> =>
    loadCatalog(database.client, ...request)

async function run<T>(work: Asking<T>, client: pg.Client): Promise<T> {
  let step = work.next()
  while (step.done !== true) {
    const { text, values } = step.value
    const types = { getTypeParser: () => (value: unknown) => value } as pg.CustomTypesConfig
    const result = await client.query({ text, types }, [...values])
    step = work.next(result as unknown as OwnQueryResult)
  }
  return step.value
}
