import type { Control } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { RunnerClient } from '../runner-client.ts'

export type GateId =
  | 'backfilled'
  | 'parity'
  | 'statistics'
  | 'trigger'
  | 'verified'
  | 'round-trip'
  | 'acknowledged'
  | 'plans'
  | 'soak'
  | 'inventory'
  | 'dependents'
  | 'backup'
  | 'held'
  | 'hidden'

/** What a step asks for before it runs. */
export interface Gate {
  readonly id: GateId
  readonly ok: boolean
  /** What was found, with figures and names. */
  readonly detail: string
  /** Further lines, such as the processes that are missing. @defaultValue none */
  readonly more?: readonly string[]
  /** The command to run for it, without the program's name: `verify users.full_name`. */
  readonly remedy?: string
  /** SQL that opens it, where no command does: `ANALYZE public.users;`. */
  readonly remedySql?: string
  /** About how long the remedy takes, in milliseconds. @defaultValue not known */
  readonly takesMs?: number
  /** When it opens by itself, if nothing comes between. @defaultValue it does not, or nobody knows when */
  readonly opensAt?: Date
}

export interface GateFacts {
  readonly control: Control
  readonly client: RunnerClient
  readonly migration: Migration
}
