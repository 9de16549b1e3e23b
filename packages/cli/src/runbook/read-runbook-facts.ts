import { type EventRecord, readBackups, readEvents, readVerifications } from '@expand-contract/control'
import { type GateFacts, readBypassSamples } from '@expand-contract/runner'
import { recordedTimes, type TimesOptions } from './recorded-times.ts'
import type { Bypasser, RunbookFacts } from './runbook-facts.ts'

export interface ReadRunbook extends TimesOptions {
  readonly database: string
  readonly hosts: boolean
}

/** All of it: a timeline is short. */
const LIMIT = 100_000

export async function readRunbookFacts(
  { control, client }: Pick<GateFacts, 'control' | 'client'>,
  { database, hosts, ...times }: ReadRunbook,
): Promise<RunbookFacts> {
  const { record, migration } = times
  const of = { migration: record.id, limit: LIMIT }
  const events = await readEvents(control, of)
  const seen =
    migration === undefined ? [] : await readBypassSamples(client, migration, { controlSchema: control.schema })
  return {
    ...{ record, events, database, hosts },
    verifications: (await readVerifications(control, of)).toReversed(),
    backups: (await readBackups(control, of)).toReversed(),
    bypassers: together([...events.flatMap(recordedBypassers), ...seen]),
    ...{ soaked: undefined, droppable: undefined, ...(await recordedTimes({ control, client }, times)) },
  }
}

/** What the table of samples had before it went; see `recordBypassers`. */
const recordedBypassers = ({ kind, figures }: EventRecord): readonly Bypasser[] =>
  kind === 'bypassers' && Array.isArray(figures.writers)
    ? figures.writers.map((writer) => ({ ...writer, lastSeen: new Date(writer.lastSeen) }))
    : []

/** One line for each who wrote in one way, as he was seen last. */
function together(all: readonly Bypasser[]): readonly Bypasser[] {
  const found = new Map<string, Bypasser>()
  for (const each of all) {
    const key = JSON.stringify([each.sessionUser, each.application, each.operation, each.wrote])
    const { samples = 0, lastSeen = each.lastSeen } = found.get(key) ?? {}
    found.set(key, {
      ...each,
      samples: Math.max(samples, each.samples),
      lastSeen: new Date(Math.max(lastSeen.getTime(), each.lastSeen.getTime())),
    })
  }
  return [...found.values()]
}
