import { type Operator, readEvents, readMigration } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { readOpenDependents } from '../contract/dependents.ts'
import { readShape } from '../rows/read-shape.ts'
import { type BackupPlace, readDropBackup } from './backup-gate.ts'
import { inventory } from './contract-gates.ts'
import type { Gate, GateFacts } from './gate.ts'
import { hiddenGate } from './hidden-gate.ts'
import { serverClock } from './server-clock.ts'
import { minuteText, spanText } from './span-text.ts'
import { acknowledged } from './switch-gates.ts'

export const HOLD_MS = 3 * 86_400_000

export interface DropGateOptions {
  /** How long the old column must have been held, in milliseconds. @defaultValue 3 days */
  readonly holdMs?: number | undefined
  /** @defaultValue the clock of the server */
  readonly now?: Date | undefined
  /** Writes down hidden readers that are found, in this name. @defaultValue nothing is written */
  readonly operator?: Operator | undefined
  /** Where the file of the backup is looked for, and read whole. @defaultValue it is not looked for: what is recorded counts */
  readonly backupPlace?: BackupPlace | undefined
}

/** What the last way back without a restore is given up for, in the order to work in: what time alone opens comes last. Nothing is changed. */
export async function readDropGates(facts: GateFacts, options: DropGateOptions = {}): Promise<readonly Gate[]> {
  const since = await heldSince({ control: facts.control, id: facts.migration.id })
  const { holdMs = HOLD_MS, now = await serverClock(facts.control), operator, backupPlace } = options
  return [
    ...(since === undefined ? [] : [await hiddenGate(facts, { since, quietMs: holdMs, now, operator })]),
    (await readDropBackup(facts, backupPlace)).gate,
    await inventory(facts),
    await stillNeeded(facts),
    await acknowledged(facts),
    await held(facts, options),
  ]
}

async function held(
  { control, migration: { id } }: GateFacts,
  { holdMs = HOLD_MS, now }: DropGateOptions,
): Promise<Gate> {
  const since = await heldSince({ control, id })
  const at = now ?? (await serverClock(control))
  if (since === undefined) return { id: 'held', ok: false, detail: 'it is not held', remedy: `hold ${shellWord(id)}` }
  const ms = Math.max(0, at.getTime() - since.getTime())
  const opensAt = new Date(since.getTime() + holdMs)
  if (ms >= holdMs) return { id: 'held', ok: true, detail: `for ${spanText(ms)}` }
  return {
    ...{ id: 'held', ok: false, detail: `${spanText(ms)} of ${spanText(holdMs)}, over at ${minuteText(opensAt)} UTC` },
    ...{ remedy: `wait ${shellWord(id)} --for droppable --timeout 4d`, opensAt },
  }
}

/** When it was held last, by the timeline; undefined where it is not. */
export async function heldSince({
  control,
  id,
}: Pick<GateFacts, 'control'> & { readonly id: string }): Promise<Date | undefined> {
  const record = await readMigration(control, id)
  if (record?.phase !== 'hold') return undefined
  const events = await readEvents(control, { migration: id, kind: 'phase', limit: 1_000 })
  return events.findLast(({ figures }) => figures.to === 'hold' && figures.from !== 'hold')?.at ?? record.changedAt
}

/** DROP COLUMN has no CASCADE: what PostgreSQL knows of would make it fail, and texts of functions would fail when they run. */
async function stillNeeded({ client, migration, control }: GateFacts): Promise<Gate> {
  const { shape } = await readShape(client, migration, control.schema)
  const found = (await readOpenDependents(client, shape, control.schema)).filter(
    ({ kind }) => kind !== 'index' && kind !== 'check',
  )
  if (found.length === 0) return { id: 'dependents', ok: true, detail: 'nothing in the database needs the old column' }
  return {
    ...{ id: 'dependents', ok: false, detail: found.map(({ kind, name }) => `${kind} ${name}`).join(', ') },
    more: found.map(({ sql }) => `${sql.replaceAll(/\s+/gu, ' ').replace(/;?\s*$/u, '')};`),
  }
}
