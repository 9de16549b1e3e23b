// What a user bundles: it migrates a column on the server that is the first argument.
import assert from 'node:assert/strict'
import { createRuntime, ExpandContractError, fixedFlags, fixedPhases, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'

async function main(connectionString: string | undefined): Promise<void> {
  const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name' })
  const flags = fixedFlags()
  const phases = fixedPhases({ 'users.full_name': 'switch' })
  const runtime = await createRuntime({ migrations: [fullName], flags, phases })
  const pool = instrumentedPool(runtime, { connectionString, max: 1 })
  await pool.query('create temporary table users (name text, full_name text)')
  await pool.query('insert into users (name) values ($1)', ['Ada'])
  flags.set('users-full-name', true)
  const { rows } = await pool.query('select * from users where name = $1', ['Ada'])
  assert.deepEqual(rows, [{ name: 'Ada' }])
  await pool.end()
  await runtime.close()
  console.log('The bundle works.')
}

main(process.argv[2]).catch((error: unknown) => {
  console.log(ExpandContractError.isInstance(error) ? error.message : error)
  process.exit(1)
})
