import { setTimeout as delay } from 'node:timers/promises'
import type { Gate } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { gatesScreen } from '../screens/gates-screen.ts'

/** Gates that no other process opens, so that nobody waits for them. */
const NEEDS_A_DECISION: ReadonlySet<string> = new Set(['trigger', 'parity', 'plans'])

function isHopeless({ id }: Gate, missing: readonly Gate[]): boolean {
  // It is told by the pass that opens `verified`.
  if (id === 'round-trip') return missing.every((gate) => gate.id !== 'verified')
  return NEEDS_A_DECISION.has(id)
}

export interface WaitForGates {
  readonly id: string
  readonly ms: number
  readonly read: () => Promise<readonly Gate[]>
}

export interface WaitedForGates {
  readonly gates: readonly Gate[]
  /** The time was up; false: they are met, or waiting was no use. */
  readonly gaveUp: boolean
}

/** Reads gates until all are met, one is missing that does not open by itself, or the time is up. */
export async function waitForGates(
  { output, stop }: CommandContext,
  { id, ms, read }: WaitForGates,
): Promise<WaitedForGates> {
  const end = performance.now() + ms
  // What is missing is told once, however soon the time is up.
  for (let told = false; ; told = true) {
    const gates = await read()
    const missing = gates.filter(({ ok }) => !ok)
    if (missing.length === 0 || missing.some((gate) => isHopeless(gate, missing))) return { gates, gaveUp: false }
    if (stop.signal.aborted || (told && performance.now() >= end)) return { gates, gaveUp: true }
    const names = missing.map((gate) => gate.id).join(',')
    output.progress({
      json: { type: 'wait', migration: id, for: names, detail: missing.map(({ detail }) => detail).join('; ') },
      block: (options) => gatesScreen({ gates, to: 'switch' }, options),
      line: `switch ${id} waiting for=${names}`,
    })
    const left = Math.max(0, Math.ceil(end - performance.now()) + 1)
    await delay(Math.min(1_000, left), undefined, { signal: stop.signal }).catch(() => undefined)
  }
}
