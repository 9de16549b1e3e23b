import { type Phase, shellWord } from '@expand-contract/core'
import {
  type GateFacts,
  type Gate as RunnerGate,
  readContractGates,
  readDropGates,
  readHoldGates,
  readSwitchGates,
} from '@expand-contract/runner'
import type { Gate } from '../command.ts'
import { durationText } from '../output/duration.ts'
import type { NextGates } from './with-gates.ts'

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
export async function readNextGates(phase: Phase, facts: GateFacts, times: StageTimes): Promise<NextGates | undefined> {
  const next = NEXT[phase]
  return next === undefined ? undefined : { to: next.to, gates: asGates(await next.read(facts, times)) }
}

/** Those of the runner, with whole commands. */
export const asGates = (gates: readonly RunnerGate[]): readonly Gate[] =>
  gates.map((gate) => {
    const { id, ok, detail, more, opensAt } = gate
    return { ...{ id, ok, detail, more, opensAt }, remedy: remedyOf(gate) }
  })

function remedyOf({ remedy, remedySql, takesMs }: RunnerGate): Gate['remedy'] {
  const why = takesMs === undefined || takesMs < 1_000 ? undefined : `about ${durationText(takesMs)}`
  if (remedy !== undefined) return { command: `expand-contract ${remedy}`, why }
  return remedySql === undefined ? undefined : { command: `psql -c ${shellWord(remedySql)}`, why }
}

/** What opens the first gates, as commands. */
export const remediesOf = (gates: readonly Gate[]): readonly { readonly command: string }[] =>
  gates.flatMap(({ ok, remedy }) => (ok || remedy === undefined ? [] : [{ command: remedy.command }]))
