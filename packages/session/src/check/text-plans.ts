import type { Runtime } from '@expand-contract/core'
import type { Decide, Plan, RelationName } from '@expand-contract/sql'
import { DEFAULT_CATALOG_REFRESH_MS } from '../catalog/catalog-options.ts'
import type { CatalogSnapshot } from '../catalog/catalog-snapshot.ts'
import { engineOf } from '../engine/engine-of.ts'
import { answered } from './check-step.ts'
import type { AskCheck } from './check-with.ts'

/** Plans texts as a driver would on one database, under decisions that are given, and sends none of them. */
export interface TextPlans {
  /** The plan of a text; undefined where it cannot name a migrating table. */
  plan(text: string, decide: Decide): Promise<Plan | undefined>
}

/** Tables that a text names are looked up once; a second time only where the catalog has changed in between. */
const MAX_ROUNDS = 5

/**
 * Reads the catalog by `ask`, apart from what statements of the runtime are planned on; it reads more of it as texts name other tables.
 * @throws EC_PARSER, and what `ask` rejects with
 */
export async function openTextPlans(runtime: Runtime, ask: AskCheck): Promise<TextPlans> {
  const engine = engineOf(runtime, DEFAULT_CATALOG_REFRESH_MS)
  if (engine.loading !== undefined) await engine.loading
  if (engine.failure !== undefined) throw engine.failure
  const store = engine.storeApart({})
  const load = async (known: CatalogSnapshot | undefined, missing: readonly RelationName[]) =>
    (await answered(store.load({ known, missing, ownCatalog: false, begunAt: undefined }), ask)).snapshot
  let snapshot = await load(undefined, [])
  return {
    async plan(text, decide) {
      for (let round = 0; ; round += 1) {
        const { planner, missing } = snapshot.texts.get(text)
        if (planner === undefined) return undefined
        if (missing.length === 0 || round === MAX_ROUNDS) return planner.plan(decide)
        snapshot = await load(snapshot, missing)
      }
    },
  }
}
