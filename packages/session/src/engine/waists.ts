import { prepareWithRuntime, processWide, type Runtime } from '@expand-contract/core'
import { loadParser, rehearse } from '@expand-contract/sql'
import { VERSION } from '../version.ts'
import { Waist } from './waist.ts'

let prepared: Promise<void> | undefined

prepareWithRuntime(`session/${VERSION}`, () => {
  prepared ??= loadParser().then(rehearse)
  return prepared
})

/**
 * One state per runtime and lease, so that every client and pool of an application shares its catalogs and plans. Of
 * another version of this package nothing is known, so it has a state of its own.
 */
const waists = processWide(`session.waists/${VERSION}`, () => new WeakMap<Runtime, Map<number, Waist>>())

export function waistOf(runtime: Runtime, catalogRefreshMs: number): Waist {
  const ofRuntime = waists.get(runtime) ?? new Map<number, Waist>()
  waists.set(runtime, ofRuntime)
  const known = ofRuntime.get(catalogRefreshMs)
  if (known !== undefined) return known
  const waist = new Waist(runtime, { catalogRefreshMs })
  ofRuntime.set(catalogRefreshMs, waist)
  return waist
}
