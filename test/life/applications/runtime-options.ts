import { databasePhases } from '@expand-contract/control'
import { createRuntime, type Migration, type Runtime, type RuntimeOptions } from '@expand-contract/core'
import type { OpenApplication } from './life-application.ts'

/** Short, so that phases are heard of soon; the default is a second. */
export const LEASE_MS = 150

type Migrating = NonNullable<OpenApplication['migrating']>

/** What the runtime of every application is made with, apart from its migrations. */
export const runtimeOptions = ({ flags, onStatement }: Migrating): Omit<RuntimeOptions, 'migrations'> => ({
  ...{ flags, phases: databasePhases(), observer: { onStatement } },
})

export const runtimeOf = (migrations: readonly Migration[], migrating: Migrating): Promise<Runtime> =>
  createRuntime({ ...runtimeOptions(migrating), migrations })
