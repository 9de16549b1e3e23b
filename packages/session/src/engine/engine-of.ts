import { prepareWithRuntime, processWide, type Runtime } from '@expand-contract/core'
import { loadParser, rehearse } from '@expand-contract/sql'
import { VERSION } from '../version.ts'
import { Engine } from './engine.ts'

let prepared: Promise<void> | undefined

prepareWithRuntime(`session/${VERSION}`, () => {
  prepared ??= loadParser().then(rehearse)
  return prepared
})

/**
 * One state per runtime and lease, so that every client and pool of an application shares its catalogs and plans. Of
 * another version of this package nothing is known, so it has a state of its own.
 */
const engines = processWide(`session.engines/${VERSION}`, () => new WeakMap<Runtime, Map<number, Engine>>())

export function engineOf(runtime: Runtime, catalogRefreshMs: number): Engine {
  const ofRuntime = engines.get(runtime) ?? new Map<number, Engine>()
  engines.set(runtime, ofRuntime)
  const known = ofRuntime.get(catalogRefreshMs)
  if (known !== undefined) return known
  const engine = new Engine(runtime, { catalogRefreshMs })
  ofRuntime.set(catalogRefreshMs, engine)
  return engine
}
