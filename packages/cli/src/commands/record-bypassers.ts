import { isDeepStrictEqual } from 'node:util'
import { appendEvent, openControl, readEvents } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import { type RunnerClient, readBypassSamples, readSyncTrigger } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'
import { VERSION } from '../version.ts'

/** How many of them stand in the timeline. */
const MOST = 20

/** Writes down who has bypassed the application, before the table that says it goes. Where from is not written down. */
export async function recordBypassers(
  context: CommandContext,
  client: RunnerClient,
  migration: Migration,
): Promise<void> {
  const { who, io } = context
  const control = openControl(client, await context.config())
  const place = { controlSchema: control.schema, limit: MOST }
  const samples = await readBypassSamples(client, migration, place).catch(() => [])
  if (samples.length === 0) return
  const writers = samples.map(({ sessionUser, application, operation, wrote, samples: count, lastSeen }) => ({
    ...{ sessionUser, application, operation, wrote, samples: count, lastSeen: lastSeen.toISOString() },
  }))
  const [last] = await readEvents(control, { migration: migration.id, kind: 'bypassers', limit: 1 })
  if (isDeepStrictEqual(last?.figures.writers, writers)) return
  const trigger = await readSyncTrigger(client, migration, place).catch(() => undefined)
  const rows = trigger?.bypassed === undefined ? undefined : Number(trigger.bypassed)
  await appendEvent(control, {
    ...{ migration: migration.id, kind: 'bypassers', who, host: io.host, version: VERSION },
    figures: { rows, writers },
  })
}
