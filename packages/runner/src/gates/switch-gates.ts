import {
  type InstanceRecord,
  readBackfills,
  readMigration,
  readRanges,
  readVerifications,
  type VerificationRecord,
} from '@expand-contract/control'
import { readAcknowledgement } from '../phase/acknowledgement.ts'
import { checkDeclaration } from '../phase/check-declaration.ts'
import { readSyncTrigger } from '../read-sync-trigger.ts'
import { readMembers } from '../rows/member.ts'
import { readShape } from '../rows/read-shape.ts'
import { syncTriggerProblems } from '../sync-trigger-problems.ts'
import type { Gate, GateFacts } from './gate.ts'
import { type ParityGateOptions, parityGate } from './parity-gate.ts'

export interface SwitchGateOptions extends ParityGateOptions {
  /** Rows whose old value does not come back are known and meant. @defaultValue false */
  readonly acceptLoss?: boolean
}

/** Everything that reads of the new column rely on, in the order to work in. Nothing is changed. */
export async function readSwitchGates(facts: GateFacts, options: SwitchGateOptions = {}): Promise<readonly Gate[]> {
  const { control, migration } = facts
  const record = await readMigration(control, migration.id)
  if (record !== undefined) checkDeclaration(migration, record)
  const [last] = await readVerifications(control, { migration: migration.id, limit: 1 })
  const pass = last !== undefined && last.epoch === record?.epoch ? last : undefined
  return [
    await backfilled(facts),
    await parityGate(facts, options),
    await statistics(facts),
    await trigger(facts),
    verified(facts, last, pass),
    roundTrip(facts, pass, options),
    await acknowledged(facts),
  ]
}

async function backfilled({ control, migration }: GateFacts): Promise<Gate> {
  const { id } = migration
  const [backfill] = await readBackfills(control, id)
  const ranges = await readRanges(control, id)
  const open = ranges.filter(({ finishedAt }) => finishedAt === undefined).length
  const rows = ranges.reduce((sum, range) => sum + range.rows, 0)
  if (backfill !== undefined && ranges.length > 0 && open === 0)
    return { id: 'backfilled', ok: true, detail: `${rows} rows were filled` }
  const detail =
    ranges.length === 0
      ? 'rows that were there before expand are not filled'
      : `${open} of ${ranges.length} ranges are open`
  return { id: 'backfilled', ok: false, detail, remedy: `backfill ${id}` }
}

const STATISTICS = `
  SELECT count(*)::int4 AS columns FROM pg_catalog.pg_stats
  WHERE schemaname = $1 AND tablename = $2 AND attname = ANY ($3) AND NOT inherited`

/** A plan on a column without statistics is a guess: one such, after an index was built anew, was 70 minutes of an outage (GitLab production#2885). */
async function statistics({ client, migration }: GateFacts): Promise<Gate> {
  const names = migration.new.map(({ name }) => name)
  const without: string[] = []
  for (const { name, relation, blocks } of await readMembers(client, migration.table)) {
    if (blocks === 0) continue
    const { rows } = await client.query(STATISTICS, [name.schema, name.name, names])
    if (Number(rows[0]?.columns) < names.length) without.push(relation)
  }
  if (without.length === 0) return { id: 'statistics', ok: true, detail: 'the new column is analyzed' }
  const where = without.join(', ')
  return { id: 'statistics', ok: false, detail: `none of ${names.join(', ')} in ${where}; run: ANALYZE ${where};` }
}

/** A pass says that rows are in step; that they stay so is the trigger's doing, as `expand` has made it. */
async function trigger({ control, client, migration }: GateFacts): Promise<Gate> {
  const { shape } = await readShape(client, migration, control.schema)
  const state = await readSyncTrigger(client, migration, { controlSchema: control.schema })
  const problems = state === undefined ? [] : syncTriggerProblems(shape, state)
  const [first] = problems
  if (state !== undefined && first === undefined) return { id: 'trigger', ok: true, detail: 'on, on every member' }
  const detail = first?.message ?? 'the sync trigger is not there'
  return { id: 'trigger', ok: false, detail, remedy: `expand ${migration.id}` }
}

export function verified(
  { migration: { id } }: GateFacts,
  last: VerificationRecord | undefined,
  pass: VerificationRecord | undefined,
): Gate {
  const no = (detail: string, command: string): Gate => ({
    ...{ id: 'verified', ok: false, detail },
    remedy: `${command} ${id}`,
  })
  if (last === undefined) return no('never', 'verify')
  if (pass === undefined) return no(`the last pass was in epoch ${last.epoch}, which is over`, 'verify')
  const { way_back: lossy = 0, ...others } = pass.counts
  const differing = Object.values(others).reduce((sum, each) => sum + each, 0)
  if (differing > 0) return no(`${differing} of ${pass.rows} rows differ`, 'repair')
  if (!pass.clean && lossy === 0) return no('the sync trigger was not on throughout the last pass', 'verify')
  return { id: 'verified', ok: true, detail: `${pass.rows} rows, none differs` }
}

function roundTrip(
  { migration: { id } }: GateFacts,
  pass: VerificationRecord | undefined,
  { acceptLoss = false }: SwitchGateOptions,
): Gate {
  if (pass === undefined)
    return { id: 'round-trip', ok: false, detail: 'not looked at in this epoch', remedy: `verify ${id}` }
  const lost = pass.counts.way_back ?? 0
  if (lost === 0) return { id: 'round-trip', ok: true, detail: 'every old value comes back from the new column' }
  const detail = `the old value of ${lost} rows does not come back`
  return acceptLoss
    ? { id: 'round-trip', ok: true, detail: `${detail}, which was accepted` }
    : { id: 'round-trip', ok: false, detail, remedy: `switch ${id} --accept-loss --reason "..."` }
}

export async function acknowledged({ control, migration }: GateFacts): Promise<Gate> {
  const { epoch, processes, missing } = await readAcknowledgement(control, migration.id)
  const count = `${processes.length - missing.length} of ${processes.length} processes`
  if (missing.length === 0) {
    const detail = processes.length === 0 ? 'no process has joined the fleet' : `${count} follow epoch ${epoch}`
    return { id: 'acknowledged', ok: true, detail }
  }
  const names = missing.map(({ id }) => id)
  return {
    ...{ id: 'acknowledged', ok: false, detail: `${count}; missing: ${names.join(', ')}` },
    more: [...missing.map((each) => missingText(migration.id, each)), 'restart it or scale it away, or wait for it:'],
    remedy: `wait ${migration.id} --for acknowledged --timeout 15m`,
  }
}

/** `worker-55d9  version 2026.45.0  epoch 6  seen 3 s ago  ip-10-0-3-7` */
function missingText(
  migration: string,
  { id, appVersion, acknowledged: followed, ageMs, host }: InstanceRecord,
): string {
  const epoch = followed[migration]
  const facts = [
    id,
    appVersion === undefined ? undefined : `version ${appVersion}`,
    epoch === undefined ? 'takes its phases from elsewhere' : `epoch ${epoch}`,
    `seen ${Math.round(ageMs / 1_000)} s ago`,
    host,
  ]
  return facts.filter((fact) => fact !== undefined).join('  ')
}
