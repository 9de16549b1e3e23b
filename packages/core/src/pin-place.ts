import type { CatalogPhases } from './catalog-phases.ts'

/** The control schema and the epoch that a request's side was decided under; undefined instead where phases do not come with the catalog. */
export interface PinPlace {
  /** undefined where none can be read. */
  readonly installation: string | undefined
  /** undefined where none is recorded. */
  readonly epoch: number | undefined
}

export const pinPlace = (migration: string, phases: CatalogPhases | undefined): PinPlace | undefined =>
  phases && { installation: phases.installation, epoch: phases.recorded.get(migration)?.epoch }

/**
 * Whether both columns are known to be filled here, since they were where the side was decided: it is the same database, and in the same epoch or the
 * next, to which a single step led. Behind more of them the new column may be another one; in an older snapshot, and in another database, it may be empty.
 */
export function isStillFilled(then: PinPlace | undefined, here: PinPlace | undefined): boolean {
  if (then === undefined || here === undefined) return then === here
  if (then.epoch === undefined || here.epoch === undefined) return false
  return then.installation === here.installation && (here.epoch === then.epoch || here.epoch === then.epoch + 1)
}

/** What is decided here counts for the request from now on: it is no older snapshot, and no other database. */
export function isLater(then: PinPlace | undefined, here: PinPlace | undefined): boolean {
  if (then === undefined || here === undefined) return then === here
  return then.installation === here.installation && (here.epoch ?? 0) >= (then.epoch ?? 0)
}
