// What a user writes: the packed packages test compiles it as an ES module and as CommonJS, and runs both.
import assert from 'node:assert/strict'
import {
  createRuntime,
  ExpandContractError,
  fixedFlags,
  fixedPhases,
  type Migration,
  PHASES,
  type Runtime,
  renameColumn,
} from '@expand-contract/core'

async function main(): Promise<void> {
  const fullName: Migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name' })
  const runtime: Runtime = await createRuntime({
    migrations: [fullName],
    flags: fixedFlags({ 'users-full-name': true }),
    phases: fixedPhases({ 'users.full_name': 'switch' }),
  })
  const decision = runtime.withContext({ userId: '42' }, () =>
    runtime.decide({ migration: fullName, physical: 'both', scope: runtime.scope(), transaction: undefined }),
  )
  assert.deepEqual(decision, { read: 'new', write: 'both' })
  assert.equal(PHASES.contract.read, 'new')

  assert.throws(
    () => renameColumn({ table: 'users', from: 'name', to: 'name' }),
    (error) => ExpandContractError.isInstance(error) && error.code === 'EC_COLUMNS',
  )
  // @ts-expect-error a phase that does not exist is found by the compiler
  assert.throws(() => fixedPhases({ 'users.full_name': 'swich' }), /EC_PHASE/)
  await runtime.close()
}

main().then(() => console.log('The packages work.'))
