import { openControl, readMigration } from '@expand-contract/control'
import {
  controlHandlers,
  executeActions,
  planStage,
  readFacts,
  runStage,
  type StageName,
  switchReads,
} from '@expand-contract/runner'
import type pg from 'pg'
import { FULL_NAME } from './stage-database.ts'

export const OPERATOR = { who: 'bench' }

const handlersOf = async (client: pg.Client) => {
  const record = await readMigration(openControl(client), FULL_NAME.id)
  const handlers = {
    ...controlHandlers({ migration: FULL_NAME, record, operator: OPERATOR }),
    wait: async (): Promise<void> => undefined,
  }
  return { record, handlers }
}

/** One step of the last stage, as its command runs it, without gates and without a fleet that would be waited for. */
export async function runStep(client: pg.Client, stage: StageName): Promise<void> {
  const { record, handlers } = await handlersOf(client)
  const actions = await planStage(client, { migration: FULL_NAME, stage, record })
  await runStage(client, FULL_NAME, { actions, operation: stage, handlers })
}

export async function runSwitch(client: pg.Client): Promise<void> {
  const { handlers } = await handlersOf(client)
  const actions = switchReads.plan(FULL_NAME, await readFacts(client, FULL_NAME), {})
  await executeActions(client, actions, { operation: 'switch', handlers })
}
