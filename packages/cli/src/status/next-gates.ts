import type { Phase } from '@expand-contract/core'
import { type GateFacts, type Gate as RunnerGate, readSwitchGates } from '@expand-contract/runner'
import type { Gate } from '../command.ts'

/** The stage that comes next in each phase, and what it asks for; a phase that is not here asks for nothing. */
const NEXT: Readonly<
  Partial<Record<Phase, { readonly to: string; readonly read: (facts: GateFacts) => Promise<readonly RunnerGate[]> }>>
> = {
  expand: { to: 'switch', read: readSwitchGates },
}

/** Nothing is changed. */
export async function readNextGates(
  phase: Phase,
  facts: GateFacts,
): Promise<{ readonly to: string; readonly gates: readonly Gate[] } | undefined> {
  const next = NEXT[phase]
  return next === undefined ? undefined : { to: next.to, gates: asGates(await next.read(facts)) }
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
