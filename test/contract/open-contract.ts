import { type FlagSource, fixedFlags, fixedPhases, type Phase } from '@expand-contract/core'
import type { ScriptDatabase } from '../support/server-database.ts'
import type { ContractAdapter, ContractConnection } from './contract-adapter.ts'
import { NAME_FLAG, STAGES, type Stage } from './contract-schema.ts'

export interface OpenContract extends AsyncDisposable {
  readonly connection: ContractConnection
  /** A statement on a connection of its own, which knows of no migration. */
  bare(sql: string): Promise<readonly unknown[]>
}

export interface Circumstances {
  readonly stage: Stage
  /** Of both migrations; `unknown`: the columns decide. @defaultValue 'switch' */
  readonly phase?: Phase | 'unknown'
  readonly source?: FlagSource
  readonly flags?: Readonly<Record<string, boolean>>
  /** The users for whom the flag of the name is on. */
  readonly users?: readonly string[]
  readonly catalogRefreshMs?: number
}

/** A database in one stage, opened by the adapter. */
export async function openContract<Database extends ScriptDatabase>(
  adapter: ContractAdapter<Database>,
  { stage, phase = 'switch', source, flags = {}, users, catalogRefreshMs = 1_000 }: Circumstances,
): Promise<OpenContract> {
  const database = await adapter.createDatabase(STAGES[stage])
  const byUser: FlagSource = {
    isEnabled: (flag, { userId }) => flag === NAME_FLAG && users !== undefined && users.includes(String(userId)),
  }
  const phases = fixedPhases(phase === 'unknown' ? {} : { 'people.full_name': phase, 'people.amount': phase })
  const connection = await adapter.open({
    database,
    catalogRefreshMs,
    runtime: { flags: source ?? (users === undefined ? fixedFlags(flags) : byUser), phases },
  })
  return {
    connection,
    bare: (sql) => database.rows(sql),
    async [Symbol.asyncDispose]() {
      await connection.close()
      await database.drop()
    },
  }
}
