import type { Phase } from '@expand-contract/core'
import type { CommandResult } from '../command.ts'
import { type Ending, EXIT_CODES } from '../exit-codes.ts'
import type { ResultLine } from '../json.ts'

export interface Ended extends Partial<Omit<CommandResult, 'ending' | 'text' | 'result' | 'error'>> {
  readonly command: string
  readonly ending: Ending
  readonly phase?: Phase | undefined
  /** Its name. */
  readonly database?: string | undefined
  readonly result: Readonly<Record<string, unknown>>
  readonly error?: ResultLine['error'] | undefined
}

/** The last line of `--json`, whatever has happened: every key is there, and null where there is nothing to say. */
export function resultJson(ended: Ended): ResultLine {
  const { command, ending, migration, database, phase, result, gates = [], next = [], warnings = [], error } = ended
  const { code } = EXIT_CODES[ending]
  return {
    ...{ type: 'result', ok: code === 0, command, migration: migration ?? null, database: database ?? null },
    ...{ exitCode: code, phase: phase ?? null, result },
    gates: gates.map(({ id, ok, detail, more = [], remedy, opensAt }) => ({
      ...{ id, ok, detail },
      ...(!ok && more.length > 0 && { more: [...more] }),
      ...(opensAt !== undefined && { opensAt: opensAt.toISOString() }),
      ...(remedy !== undefined && {
        remedy: { command: remedy.command, ...(remedy.why !== undefined && { why: remedy.why }) },
      }),
    })),
    next: next.map(({ command: line, why }) => ({ command: line, ...(why !== undefined && { why }) })),
    warnings: [...warnings],
    error: error ?? null,
  }
}
