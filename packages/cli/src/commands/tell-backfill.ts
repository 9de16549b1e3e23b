import { appendEvent, type BackfillSettings, openControl, setBackfill } from '@expand-contract/control'
import type { CommandContext } from '../command-context.ts'
import { VERSION } from '../version.ts'
import { checkBackfillBegun } from './check-begun.ts'

export interface BackfillOrder {
  /** As the timeline has it: `backfill-paused`. */
  readonly kind: string
  readonly settings: Omit<BackfillSettings, 'migration'>
  readonly figures: Readonly<Record<string, unknown>>
}

/**
 * Tells a backfill something, wherever it runs: it looks between two batches.
 * @throws EC_NOT_BEGUN
 */
export async function tellBackfill(
  context: CommandContext,
  id: string,
  { kind, settings, figures }: BackfillOrder,
): Promise<void> {
  await context.migration(id)
  await using database = await context.database(id)
  const control = openControl(database.client, await context.config())
  await checkBackfillBegun(control, id)
  await setBackfill(control, { migration: id, ...settings })
  const { who, io } = context
  await appendEvent(control, { migration: id, kind, who, host: io.host, version: VERSION, figures })
}
