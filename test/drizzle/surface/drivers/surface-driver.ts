import type { Runtime } from '@expand-contract/core'
import type { Tables } from '../schema.ts'
import type { World } from '../step.ts'

export interface OpenDriver extends Omit<World, 'tables'> {
  close(): Promise<void>
}

export interface DriverSetting {
  readonly url: string
  readonly tables: Tables
  /** undefined: the twin, which knows of no migration. */
  readonly runtime: Runtime | undefined
}

/** A driver under Drizzle, instrumented or bare. */
export interface SurfaceDriver {
  readonly name: string
  open(setting: DriverSetting): OpenDriver
}
