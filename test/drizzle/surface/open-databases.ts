import { createRuntime, fixedFlags, fixedPhases } from '@expand-contract/core'
import { migrating, migrationsOf } from '@expand-contract/drizzle'
import type { ScriptDatabase } from '../../support/server-database.ts'
import type { OpenDriver, Place, SurfaceDriver } from './drivers/surface-driver.ts'
import { type Tables, tables } from './schema.ts'
import type { Situation } from './situation.ts'
import { PARTED, STAGE_SCRIPTS } from './stage-script.ts'
import type { StepContext } from './step.ts'

export interface OpenDatabase extends StepContext, AsyncDisposable {
  /** Rows of which the two sides differ. */
  parted(): Promise<readonly unknown[]>
}

const plain = ((column: unknown) => column) as typeof migrating

/** Drizzle as an application has it that knows of no migration, on the untouched schema. */
export async function openTwin<Database extends ScriptDatabase>(
  driver: SurfaceDriver<Database>,
  place: Place<Database>,
): Promise<OpenDatabase> {
  const database = await place.create(STAGE_SCRIPTS.old)
  const schema = tables(plain)
  return opened(database, schema, driver.open({ database, tables: schema, runtime: undefined }))
}

/** The same application with its columns declared as migrating. */
export async function openSubject<Database extends ScriptDatabase>(
  driver: SurfaceDriver<Database>,
  place: Place<Database>,
  { stage, phase, flags: on }: Situation,
): Promise<OpenDatabase> {
  const database = await place.create(STAGE_SCRIPTS[stage])
  const migrations = migrationsOf(tables(migrating), { casing: 'snake_case' })
  const flags = fixedFlags(Object.fromEntries(migrations.map(({ flag }) => [flag ?? '', on])))
  const phases = fixedPhases(phase && Object.fromEntries(migrations.map(({ id }) => [id, phase])))
  const runtime = await createRuntime({ migrations, flags, phases })
  const schema = tables(migrating)
  return opened(database, schema, driver.open({ database, tables: schema, runtime }))
}

function opened(database: ScriptDatabase, schema: Tables, { close, ...opened }: OpenDriver): OpenDatabase {
  return {
    ...opened,
    tables: schema,
    parted: () => database.rows(PARTED),
    async [Symbol.asyncDispose]() {
      await close()
      await database.drop()
    },
  }
}
