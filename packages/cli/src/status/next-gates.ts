import type { Phase } from '@expand-contract/core'
import {
  type GateFacts,
  type Gate as RunnerGate,
  readContractGates,
  readDropGates,
  readHoldGates,
  readSwitchGates,
} from '@expand-contract/runner'
import type { Gate } from '../command.ts'

/** How long a soak and a hold must last, in milliseconds. */
export interface StageTimes {
  readonly soakMs: number
  readonly holdMs: number
}

interface NextStage {
  readonly to: string
  readonly read: (facts: GateFacts, times: StageTimes) => Promise<readonly RunnerGate[]>
}

/** The stage that comes next in each phase, and what it asks for; a phase that is not here asks for nothing. */
const NEXT: Readonly<Partial<Record<Phase, NextStage>>> = {
  expand: { to: 'switch', read: (facts) => readSwitchGates(facts) },
  switch: { to: 'contract', read: (facts, { soakMs }) => readContractGates(facts, { wantedMs: soakMs }) },
  contract: { to: 'hold', read: (facts) => readHoldGates(facts) },
  hold: { to: 'drop', read: (facts, { holdMs }) => readDropGates(facts, { holdMs }) },
}

/** Nothing is changed. */
export async function readNextGates(
  phase: Phase,
  facts: GateFacts,
  times: StageTimes,
): Promise<{ readonly to: string; readonly gates: readonly Gate[] } | undefined> {
  const next = NEXT[phase]
  return next === undefined ? undefined : { to: next.to, gates: asGates(await next.read(facts, times)) }
}

/** Those of the runner, with whole commands. */
export const asGates = (gates: readonly RunnerGate[]): readonly Gate[] =>
  gates.map(({ id, ok, detail, more, remedy }) => ({
    ...{ id, ok, detail, more },
    remedy: remedy === undefined ? undefined : { command: `expand-contract ${remedy}` },
  }))

/** What opens the first gates, as commands. */
export const remediesOf = (gates: readonly Gate[]): readonly { readonly command: string }[] =>
  gates.flatMap(({ ok, remedy }) => (ok || remedy === undefined ? [] : [{ command: remedy.command }]))
