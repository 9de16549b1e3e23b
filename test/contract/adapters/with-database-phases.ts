import { databasePhases, installControl, type SqlClient } from '@expand-contract/control'
import type { ScriptDatabase } from '../../support/server-database.ts'
import type { ContractAdapter } from '../contract-adapter.ts'
import { MIGRATIONS } from './pg-adapter.ts'

/** The adapter with its phases in the database, where the contract's setting says which they are. */
export const withDatabasePhases = <Database extends ScriptDatabase>(
  adapter: ContractAdapter<Database>,
  clientOf: (database: Database) => SqlClient & { end?(): Promise<void> },
): ContractAdapter<Database> => ({
  ...adapter,
  name: `${adapter.name}, phases from the database`,
  async open(setting) {
    const { database, runtime } = setting
    const client = clientOf(database)
    await installControl(client)
    for (const { id, table } of MIGRATIONS) {
      const phase = runtime.phases?.phaseOf(id)
      if (phase !== undefined)
        await database.rows(`insert into expand_contract.migrations (id, table_name, phase, declaration_hash, declaration,
          created_by, changed_by) values ('${id}', '${table.name}', '${phase}', 'h', '{}', 'test', 'test')`)
    }
    await client.end?.()
    return adapter.open({ ...setting, runtime: { ...runtime, phases: databasePhases() } })
  },
})
