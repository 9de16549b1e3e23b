import { openControl, readMigration } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import {
  controlHandlers,
  executeActions,
  planStage,
  runParity,
  runStage,
  type StageName,
  switchReads,
} from '@expand-contract/runner'
import type { ExpandedDatabase } from './expanded-database.ts'
import { expandAndFill } from './parity-life.ts'

/** Runs a step from `switch` on, with nobody to wait for. */
export async function runStageOf(db: ExpandedDatabase, migration: Migration, stage: StageName): Promise<void> {
  const record = await readMigration(openControl(db.client), migration.id)
  const actions = await planStage(db.client, { migration, stage, record })
  const handlers = controlHandlers({ migration, record, operator: { who: 'test' } })
  await runStage(db.client, migration, {
    ...{ actions, operation: stage },
    handlers: { ...handlers, wait: async () => undefined },
  })
}

/** Expands, fills, makes what the new columns lack, and switches. */
export async function toSwitch(db: ExpandedDatabase, migration: Migration): Promise<void> {
  await expandAndFill(db, migration)
  await runParity(db.client, migration)
  const record = await readMigration(openControl(db.client), migration.id)
  await executeActions(db.client, switchReads.plan(migration, await db.facts(migration), {}), {
    operation: 'switch',
    handlers: {
      ...controlHandlers({ migration, record, operator: { who: 'test' } }),
      wait: async () => undefined,
    },
  })
}
