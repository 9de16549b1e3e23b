import {
  type Control,
  type InstanceRecord,
  type MigrationRecord,
  readBackfills,
  readEvents,
  readMigration,
  readRanges,
  readVerifications,
  type VerificationRecord,
} from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { readAcknowledgement } from '../phase/acknowledgement.ts'
import { checkDeclaration } from '../phase/check-declaration.ts'
import { readSyncTrigger } from '../read-sync-trigger.ts'
import { readMembers } from '../rows/member.ts'
import { readShape } from '../rows/read-shape.ts'
import { syncTriggerProblems } from '../sync-trigger-problems.ts'
import type { Gate, GateFacts } from './gate.ts'
import { type ParityGateOptions, parityGate } from './parity-gate.ts'
import { serverClock } from './server-clock.ts'
import { countText, pastText } from './span-text.ts'

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
  const now = await serverClock(control)
  return [
    await backfilled(facts, now),
    await parityGate(facts, options),
    await statistics(facts, now),
    await trigger(facts),
    await verified(facts, { last, pass, record, now }),
    roundTrip(facts, pass, options),
    await acknowledged(facts),
  ]
}

async function backfilled({ control, migration }: GateFacts, now: Date): Promise<Gate> {
  const { id } = migration
  const [backfill] = await readBackfills(control, id)
  const ranges = await readRanges(control, id)
  const open = ranges.filter(({ finishedAt }) => finishedAt === undefined).length
  const rows = ranges.reduce((sum, range) => sum + range.rows, 0)
  if (backfill !== undefined && ranges.length > 0 && open === 0) {
    const ended = Math.max(...ranges.map(({ finishedAt }) => finishedAt?.getTime() ?? 0))
    const detail = `${countText(rows)} rows were filled, ${pastText(new Date(ended), now)}`
    return { id: 'backfilled', ok: true, detail }
  }
  const detail =
    ranges.length === 0
      ? 'rows that were there before expand are not filled'
      : `${open} of ${ranges.length} ranges are open`
  return { id: 'backfilled', ok: false, detail, remedy: `backfill ${shellWord(id)}` }
}

const STATISTICS = `
  SELECT count(*)::int4 AS columns, (SELECT (extract(epoch FROM greatest(a.last_analyze, a.last_autoanalyze)) * 1000)::text
    FROM pg_catalog.pg_stat_all_tables a WHERE a.schemaname = $1 AND a.relname = $2) AS analyzed
  FROM pg_catalog.pg_stats WHERE schemaname = $1 AND tablename = $2 AND attname = ANY ($3) AND NOT inherited`

/** A plan on a column without statistics is a guess: one such, after an index was built anew, was 70 minutes of an outage (GitLab production#2885). */
async function statistics({ client, migration }: GateFacts, now: Date): Promise<Gate> {
  const names = migration.new.map(({ name }) => name)
  const without: string[] = []
  let oldest: number | undefined
  for (const { name, relation, blocks } of await readMembers(client, migration.table)) {
    if (blocks === 0) continue
    const { rows } = await client.query(STATISTICS, [name.schema, name.name, names])
    if (Number(rows[0]?.columns) < names.length) without.push(relation)
    // A crash of the server takes away when it was.
    const analyzed = Number(rows[0]?.analyzed ?? Number.NaN)
    if (!Number.isNaN(analyzed)) oldest = Math.min(oldest ?? analyzed, analyzed)
  }
  if (without.length === 0) {
    const ago = oldest === undefined ? '' : `, ${pastText(new Date(oldest), now)}`
    return { id: 'statistics', ok: true, detail: `the new column is analyzed${ago}` }
  }
  const where = without.join(', ')
  const detail = `none of ${names.join(', ')} in ${where}; run: ANALYZE ${where};`
  return { id: 'statistics', ok: false, detail, remedySql: `ANALYZE ${where};` }
}

/** A pass says that rows are in step; that they stay so is the trigger's doing, as `expand` has made it. */
async function trigger({ control, client, migration }: GateFacts): Promise<Gate> {
  const { shape } = await readShape(client, migration, control.schema)
  const state = await readSyncTrigger(client, migration, { controlSchema: control.schema })
  const problems = state === undefined ? [] : syncTriggerProblems(shape, state)
  const [first] = problems
  if (state !== undefined && first === undefined) return { id: 'trigger', ok: true, detail: 'on, on every member' }
  const detail = first?.message ?? 'the sync trigger is not there'
  return { id: 'trigger', ok: false, detail, remedy: `expand ${shellWord(migration.id)}` }
}

export interface VerifiedFacts {
  readonly last: VerificationRecord | undefined
  /** The last one, where it is of this epoch. */
  readonly pass: VerificationRecord | undefined
  readonly record: MigrationRecord | undefined
  readonly now: Date
}

export async function verified(
  { migration: { id }, control }: GateFacts,
  { last, pass, record, now }: VerifiedFacts,
): Promise<Gate> {
  const takesMs = last === undefined ? undefined : Math.max(0, last.endedAt.getTime() - last.startedAt.getTime())
  const no = (detail: string, command: string): Gate => ({
    ...{ id: 'verified', ok: false, detail, remedy: `${command} ${shellWord(id)}` },
    ...(takesMs !== undefined && command === 'verify' && { takesMs }),
  })
  if (last === undefined) return no('never', 'verify')
  if (pass === undefined)
    return no(
      `the last pass was in epoch ${last.epoch}, which is over${await sinceWhen(control, { id, record, now })}`,
      'verify',
    )
  const { way_back: lossy = 0, ...others } = pass.counts
  const differing = Object.values(others).reduce((sum, each) => sum + each, 0)
  const ago = pastText(pass.endedAt, now)
  if (differing > 0) return no(`${countText(differing)} of ${countText(pass.rows)} rows differ, ${ago}`, 'repair')
  if (!pass.clean && lossy === 0) return no(`the sync trigger was not on throughout the last pass, ${ago}`, 'verify')
  return { id: 'verified', ok: true, detail: `${countText(pass.rows)} rows, none differs, ${ago}` }
}

/** `: epoch 7 began 14 min ago with repair (dana@ops-2)`. */
async function sinceWhen(
  control: Control,
  { id, record, now }: { readonly id: string } & Pick<VerifiedFacts, 'record' | 'now'>,
): Promise<string> {
  if (record === undefined) return ''
  const events = await readEvents(control, { migration: id, kind: 'phase', limit: 100 })
  const begun = events.findLast(({ figures }) => figures.epoch === record.epoch)
  if (begun === undefined) return ''
  const by = typeof begun.figures.operation === 'string' ? ` with ${begun.figures.operation}` : ''
  return `: epoch ${record.epoch} began ${pastText(begun.at, now)}${by} (${begun.who})`
}

function roundTrip(
  { migration: { id } }: GateFacts,
  pass: VerificationRecord | undefined,
  { acceptLoss = false }: SwitchGateOptions,
): Gate {
  if (pass === undefined)
    return { id: 'round-trip', ok: false, detail: 'not looked at in this epoch', remedy: `verify ${shellWord(id)}` }
  const lost = pass.counts.way_back ?? 0
  if (lost === 0) return { id: 'round-trip', ok: true, detail: 'every old value comes back from the new column' }
  const detail = `the old value of ${lost} rows does not come back`
  return acceptLoss
    ? { id: 'round-trip', ok: true, detail: `${detail}, which was accepted` }
    : { id: 'round-trip', ok: false, detail, remedy: `switch ${shellWord(id)} --accept-loss --reason "..."` }
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
    remedy: `wait ${shellWord(migration.id)} --for acknowledged --timeout 15m`,
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
