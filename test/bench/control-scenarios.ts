import { controlSql, databasePhases, joinFleet } from '@expand-contract/control'
import pg from 'pg'
import type { Opened, Scenario, Variant } from './scenario.ts'
import { connectSubject, MIGRATION_IDS, ROWS } from './subjects.ts'

const QUERY = 'select id, name, city from customers where id = $1'

const PREPARE = `drop schema if exists expand_contract cascade; ${controlSql()}
insert into expand_contract.migrations (id, table_name, phase, declaration_hash, declaration, created_by, changed_by)
select id, 'bench', 'switch', 'h', '{}', 'bench', 'bench' from unnest(array[${MIGRATION_IDS.map((id) => `'${id}'`).join(', ')}]) id;`

const lookUp = (client: pg.Client, turn: number): Promise<unknown> =>
  client.query({ text: QUERY, values: [1 + ((turn * 7919) % ROWS)] })

const variant = (name: string, phases: 'fixed' | 'database', fleet: boolean): Variant => ({
  name,
  async open(url): Promise<Opened> {
    const options = phases === 'database' ? { phases: databasePhases() } : {}
    const subject = await connectSubject(url, 'through', 'new', options)
    const { client, runtime } = subject
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    const member = fleet ? joinFleet(runtime, pool, { application: 'bench' }) : undefined
    return {
      run: (turn) => lookUp(client, turn),
      execute: (text) => client.query(text),
      async close() {
        await member?.leave()
        await pool.end()
        await subject.close()
      },
    }
  },
})

/** What phases from the database, and reporting to it, add to a statement: it is to be nothing that can be measured. */
export const controlScenarios: readonly Scenario[] = [
  {
    group: 'stages',
    name: 'phases and fleet on the query path: key look-up, reads new, by the phases of the database',
    prepare: PREPARE,
    variants: [
      variant('fixed phases', 'fixed', false),
      variant('fixed phases again', 'fixed', false),
      variant('phases from the database', 'database', false),
      variant('and in the fleet', 'database', true),
    ],
  },
]
