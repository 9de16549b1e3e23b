import { appendEvent, type Control, type MigrationRecord } from '@expand-contract/control'
import { type Phase, shellWord } from '@expand-contract/core'
import { type Action, type GateId, OVERRIDABLE } from '@expand-contract/runner'
import { cliError } from '../cli-error.ts'
import type { CommandResult, Gate } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { textOption } from '../command-option.ts'
import { PHASE_ORDER } from '../phase-order.ts'
import { gatesScreen } from '../screens/gates-screen.ts'
import { hanging } from '../screens/layout.ts'
import { planSql } from '../screens/plan-screen.ts'
import { remediesOf } from '../status/next-gates.ts'
import { VERSION } from '../version.ts'

/** Which gates are skipped, and why. */
export interface Override {
  readonly gates: readonly GateId[]
  readonly reason: string
}

/** @throws EC_USAGE for a gate that cannot be skipped, or without a reason */
export function overrideOf(options: Readonly<Record<string, unknown>>): Override | undefined {
  const [given, reason] = [textOption(options, 'override'), textOption(options, 'reason')]
  if (given === undefined) return undefined
  const gates = given.split(',').map((gate) => gate.trim())
  const never = gates.find((gate) => !isOverridable(gate))
  if (never !== undefined)
    throw cliError('EC_USAGE', {
      message: `The gate ${JSON.stringify(never)} cannot be overridden: statements would fail, or values be lost.`,
      hint: `These can: ${[...OVERRIDABLE].join(', ')}.`,
    })
  if (reason === undefined)
    throw cliError('EC_USAGE', { message: '--override needs a reason.', hint: 'Add --reason "...": it is recorded.' })
  return { gates: gates.filter(isOverridable), reason }
}

const isOverridable = (gate: string): gate is GateId => OVERRIDABLE.has(gate as GateId)

/** A gate that is skipped counts as met, and says so. */
export const overridden = (gates: readonly Gate[], override: Override | undefined): readonly Gate[] =>
  gates.map((gate) =>
    override?.gates.some((each) => each === gate.id) !== true || gate.ok
      ? gate
      : { ...gate, ok: true, detail: `overridden (${override.reason}): ${gate.detail}` },
  )

/** Before `hold` and `drop`, whoever has not acknowledged yet is waited for. */
export const isOpenBeforeFence = ({ id, ok }: Gate): boolean => !ok && id !== 'acknowledged'

/** What was skipped stands in the timeline. */
export async function recordOverride(
  { who, io }: CommandContext,
  control: Control,
  {
    id,
    gates,
    override,
  }: { readonly id: string; readonly gates: readonly Gate[]; readonly override: Override | undefined },
): Promise<void> {
  const skipped = gates.filter(
    (each) => override?.gates.some((gate) => gate === each.id) && each.detail.startsWith('overridden'),
  )
  for (const gate of skipped)
    await appendEvent(control, {
      ...{ migration: id, kind: 'gate-overridden', who, host: io.host, version: VERSION },
      figures: { gate: gate.id, reason: override?.reason },
    })
}

export interface GatesOfStage {
  readonly id: string
  readonly phase: MigrationRecord['phase']
  readonly gates: readonly Gate[]
  /** The step that they are of. */
  readonly to: string
  /** Said below: what waiting costs. */
  readonly meanwhile: string
}

/** Nothing was changed. */
export function refusedBy({ id, phase, gates, to, meanwhile }: GatesOfStage): CommandResult {
  const head = `Refused (EC_GATE): ${id} stays in phase ${phase}. Nothing was changed.`
  const skippable = gates.findLast((gate) => !gate.ok && isOverridable(gate.id))
  return {
    ...{ ending: 'refused', migration: id, phase, result: { changed: false }, gates },
    error: { code: 'EC_GATE', message: head },
    text: (options) =>
      [
        hanging('', head, options.width),
        '',
        gatesScreen({ gates, to }, options),
        '',
        hanging('Meanwhile: ', meanwhile, options.width),
      ].join('\n'),
    next: [
      ...remediesOf(gates).slice(0, 1),
      ...(skippable === undefined
        ? []
        : [
            {
              command: `expand-contract ${to} ${shellWord(id)} --override ${skippable.id} --reason "..."`,
              why: 'earlier, on record',
            },
          ]),
    ],
  }
}

export const inPhaseAlready = (id: string, phase: Phase): CommandResult => ({
  ...{ ending: 'done', migration: id, phase, result: { changed: false } },
  text: `${id} is in the phase ${phase} already.`,
  next: [{ command: `expand-contract status ${shellWord(id)}` }],
})

/** It is where the step leads already, or further; or not where it starts. */
export function notInPhase(id: string, phase: Phase, needed: Phase): CommandResult {
  if (PHASE_ORDER.indexOf(phase) > PHASE_ORDER.indexOf(needed)) return inPhaseAlready(id, phase)
  const message = `${id} is in the phase ${phase}; this step starts in the phase ${needed}. Nothing was changed.`
  return {
    ...{ ending: 'refused', migration: id, phase, result: { changed: false } },
    ...{ error: { code: 'EC_CONTROL_TRANSITION', message }, text: message },
    next: [{ command: `expand-contract status ${shellWord(id)}` }],
  }
}

/** The plan as a script that psql runs; what is open is said in remarks. */
export function dryRunOf(
  name: string,
  { id, phase, gates }: Pick<GatesOfStage, 'id' | 'phase' | 'gates'>,
  actions: readonly Action[],
): CommandResult {
  const stages = [{ name, actions }]
  const open = gates
    .filter(({ ok }) => !ok)
    .map((gate) => `-- not met yet: ${gate.id}: ${gate.detail.replaceAll(/\s+/gu, ' ')}`)
  return {
    ...{ ending: 'done', migration: id, phase, result: { stages, changed: false }, gates, bare: true },
    text: [...open, planSql(stages)].join('\n'),
  }
}
