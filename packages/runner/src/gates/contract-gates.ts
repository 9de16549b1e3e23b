import { readInventory, readMigration, readVerifications } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { readDependents, readOpenDependents } from '../contract/dependents.ts'
import { readSyncTrigger } from '../read-sync-trigger.ts'
import { readShape } from '../rows/read-shape.ts'
import { type LookAtSoak, lookAtSoak, type SoakReport } from '../soak/look-at-soak.ts'
import { syncTriggerProblems } from '../sync-trigger-problems.ts'
import type { Gate, GateFacts, GateId } from './gate.ts'
import { serverClock } from './server-clock.ts'
import { minuteText, spanText } from './span-text.ts'
import { acknowledged, verified } from './switch-gates.ts'

/** Gates that may be skipped, on record; the others tell of statements that would fail, or of values that would be lost. */
export const OVERRIDABLE: ReadonlySet<GateId> = new Set<GateId>(['soak', 'dependents', 'held', 'hidden'])

/** Everything that the old column's end relies on, in the order to work in: what time alone opens comes last. Nothing is changed, unless the soak is to be written down. */
export async function readContractGates(facts: GateFacts, options: LookAtSoak = {}): Promise<readonly Gate[]> {
  const { control, migration } = facts
  const record = await readMigration(control, migration.id)
  const [last] = await readVerifications(control, { migration: migration.id, limit: 1 })
  const pass = last !== undefined && last.epoch === record?.epoch ? last : undefined
  return [
    await triggerOf(facts, 'switch'),
    await verified(facts, { last, pass, record, now: await serverClock(control) }),
    await inventory(facts),
    await dependents(facts),
    await acknowledged(facts),
    soakGate(migration.id, await lookAtSoak(facts, options)),
  ]
}

/** What `hold` asks for besides the fence: nobody is known who would fail. */
export const readHoldGates = async (facts: GateFacts): Promise<readonly Gate[]> => [
  await inventory(facts),
  await acknowledged(facts),
  await triggerOf(facts, 'contract'),
]

export const soakGate = (id: string, { met, ms, wantedMs, over, why, history }: SoakReport): Gate => ({
  ...{ id: 'soak', ok: met },
  detail: `${spanText(ms)} of ${spanText(wantedMs)}${
    met
      ? ''
      : over === undefined
        ? `: it does not run, since ${why}`
        : `; over at ${minuteText(over)} UTC if nothing starts it again`
  }`,
  more:
    history.length === 0
      ? []
      : [
          `it started again ${history.length} time${history.length === 1 ? '' : 's'}:`,
          ...history.map((each) => `  ${minuteText(each.at)}  ${each.detail}`),
        ],
  remedy: `wait ${shellWord(id)} --for soaked --timeout 8d`,
  ...(!met && over !== undefined && { opensAt: over }),
})

export async function inventory({ control, migration: { id } }: GateFacts): Promise<Gate> {
  const all = await readInventory(control, { migration: id })
  const blocking = all.filter(({ outcome }) => outcome === 'kept' || outcome === 'refused')
  const shapes = new Set(all.map(({ fingerprint }) => fingerprint)).size
  const count = `${blocking.length} of ${shapes} statement shapes need the old column`
  if (blocking.length === 0) return { id: 'inventory', ok: true, detail: count }
  const literal = `'${id.replaceAll("'", "''")}'`
  return {
    ...{ id: 'inventory', ok: false, detail: count },
    more: [
      ...blocking
        .slice(0, 5)
        .map(
          ({ lastInstance, outcome, reason, kind, text, lastSeen }) =>
            `${lastInstance}: ${outcome} (${reason}), last ${minuteText(lastSeen)}: ${(text ?? kind).replaceAll(/\s+/gu, ' ').slice(0, 80)}`,
        ),
      'write them another way; those that no version sends any more are forgotten by:',
      `delete from ${control.schema}.statements where migration = ${literal} and outcome in ('kept', 'refused');`,
    ],
    remedy: `status ${shellWord(id)} --statements`,
  }
}

async function dependents({ client, migration, control }: GateFacts): Promise<Gate> {
  const { shape } = await readShape(client, migration, control.schema)
  const found = await readOpenDependents(client, shape, control.schema)
  const moved = (await readDependents(client, shape)).filter(({ moves }) => moves === 'contract')
  const led = moved.map(({ kind, name }) => `${kind} ${name}`).join(', ')
  const detail = led === '' ? '' : `; contract leads ${led} to the new one`
  if (found.length === 0)
    return {
      ...{ id: 'dependents', ok: true },
      detail: `no view, function, policy, key or publication needs the old column${detail}`,
    }
  const change = `with ${migration.new.map(({ name }) => name).join(', ')} in place of ${migration.old.map(({ name }) => name).join(', ')}:`
  return {
    ...{ id: 'dependents', ok: false },
    detail: found.map(({ kind, name }) => `${kind} ${name}`).join(', '),
    more: [change, ...found.map(({ sql }) => `${sql.replaceAll(/\s+/gu, ' ').replace(/;?\s*$/u, '')};`)],
    remedy: `doctor ${shellWord(migration.id)}`,
  }
}

async function triggerOf(
  { control, client, migration }: GateFacts,
  phase: 'switch' | 'contract' | 'hold',
): Promise<Gate> {
  const { shape } = await readShape(client, migration, control.schema)
  const state = await readSyncTrigger(client, migration, { controlSchema: control.schema })
  const [first] = state === undefined ? [] : syncTriggerProblems(shape, state, phase)
  if (state !== undefined && first === undefined) return { id: 'trigger', ok: true, detail: 'on, on every member' }
  return {
    ...{ id: 'trigger', ok: false, detail: first?.message ?? 'the sync trigger is not there' },
    remedy: `rollback ${shellWord(migration.id)}`,
  }
}
