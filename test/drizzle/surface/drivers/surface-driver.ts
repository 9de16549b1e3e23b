import type { Runtime } from '@expand-contract/core'
import { postgresMajors } from '../../../support/postgres.ts'
import { createServerDatabase, type ScriptDatabase, type ServerDatabase } from '../../../support/server-database.ts'
import type { Tables } from '../schema.ts'
import type { StepContext } from '../step.ts'

export interface OpenDriver extends Omit<StepContext, 'tables'> {
  close(): Promise<void>
}

export interface DriverSetting<Database> {
  readonly database: Database
  readonly tables: Tables
  /** undefined: the twin, which knows of no migration. */
  readonly runtime: Runtime | undefined
}

/** Where the steps run. */
export interface Place<Database> {
  /** `PostgreSQL 18` */
  readonly name: string
  create(script: string): Promise<Database>
}

/** A driver under Drizzle, instrumented or bare. */
export interface SurfaceDriver<Database extends ScriptDatabase = ServerDatabase> {
  readonly name: string
  places(): readonly Place<Database>[]
  open(setting: DriverSetting<Database>): OpenDriver
}

/** The servers of this run. */
export const onServers = (): readonly Place<ServerDatabase>[] =>
  postgresMajors().map((major) => ({
    name: `PostgreSQL ${major}`,
    create: (script) => createServerDatabase(major, script),
  }))
