// What a user bundles: it migrates a column on the server that is the first argument, by the phases of that database.
import assert from 'node:assert/strict'
import {
  beginMigration,
  databasePhases,
  installControl,
  joinFleet,
  openControl,
  readFleet,
  recordPhase,
} from '@expand-contract/control'
import { createRuntime, ExpandContractError, fixedFlags, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { Client } from 'pg'

const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name' })

/** What an operator does, from elsewhere. */
async function operate(connectionString: string | undefined): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  await installControl(client)
  const control = openControl(client)
  const { id } = fullName
  const { epoch } = await beginMigration(control, { migration: fullName, oldPositions: {}, who: 'operator' })
  await recordPhase(control, { migration: id, operation: 'switch', from: 'expand', epoch, who: 'operator' })
  await client.end()
}

async function main(connectionString: string | undefined): Promise<void> {
  await operate(connectionString)
  const flags = fixedFlags()
  const runtime = await createRuntime({ migrations: [fullName], flags, phases: databasePhases() })
  const pool = instrumentedPool(runtime, { connectionString, max: 1 })
  const member = joinFleet(runtime, pool, { application: 'bundle', version: '1.0.0' })
  await pool.query('create temporary table users (name text, full_name text)')
  await pool.query('insert into users (name) values ($1)', ['Ada'])
  flags.set('users-full-name', true)
  await pool.query("update users set full_name = 'Grace'")
  const { rows } = await pool.query('select * from users where name = $1', ['Grace'])
  assert.deepEqual(rows, [{ name: 'Grace' }])
  await member.report()
  const [found] = await readFleet(openControl(pool))
  assert.deepEqual([found?.application, found?.live], ['bundle', true])
  await member.leave()
  await pool.end()
  await runtime.close()
  console.log('The bundle works.')
}

main(process.argv[2]).catch((error: unknown) => {
  console.log(ExpandContractError.isInstance(error) ? error.message : error)
  process.exit(1)
})
