import { appendEvent, type Control, type EventRecord, type MigrationRecord, readEvents } from '@expand-contract/control'
import type { Phase } from '@expand-contract/core'
import type { CommandContext } from '../command-context.ts'
import { VERSION } from '../version.ts'

/** What the phase's own event says of a rollback that was told no phase: such a one must not be done twice by being run twice. */
export const ONE_PHASE = { asked: 'one phase' } as const

/** The rollback that led to the present phase, while nobody was told that it has: its process was killed, or stopped. */
export interface UntoldRollback {
  readonly from: Phase
  readonly event: EventRecord
  /** It was killed ahead of what comes behind the phase: the trigger is to be read back, and the figures are not recorded. */
  readonly unfinished: boolean
}

export async function readUntoldRollback(
  control: Control,
  { id: migration, phase, epoch }: MigrationRecord,
): Promise<UntoldRollback | undefined> {
  if (phase === 'off') return undefined
  const newest = async (kind: string): Promise<EventRecord | undefined> =>
    (await readEvents(control, { migration, kind, limit: 1 })).at(-1)
  const event = await newest('phase')
  if (event?.figures.operation !== 'rollback' || event.figures.asked !== ONE_PHASE.asked) return undefined
  // Somebody has raised the epoch since, or was told of this one.
  const told = (await newest('rollback-told'))?.figures.epoch
  if (event.figures.epoch !== epoch || told === epoch) return undefined
  const ended = (await newest('rolled-back'))?.id ?? 0
  return { from: event.figures.from as Phase, event, unfinished: ended < event.id }
}

/** Its result is printed: whoever runs it again means one phase more. */
export async function rollbackTold(
  { who, io }: CommandContext,
  control: Control,
  { id, epoch }: Pick<MigrationRecord, 'id' | 'epoch'>,
): Promise<void> {
  const operator = { who, host: io.host, version: VERSION }
  await appendEvent(control, { ...operator, migration: id, kind: 'rollback-told', figures: { epoch } })
}
