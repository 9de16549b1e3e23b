import { createRuntime, fixedFlags, type Runtime } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { BOTH_UNIQUE, MIGRATIONS, UNTOUCHED } from './overtaken-upserts.ts'
import { type Around, RacingApplication } from './racing-application.ts'
import { UPSERTS } from './upsert-forms.ts'

const AROUND: Readonly<Record<string, Around>> = {
  'outside of a transaction': [[], ['select 1']],
  'in a transaction': [
    ['begin', 'select 1'],
    ['select 1', 'commit'],
  ],
  'in a savepoint of the application': [
    ['begin', 'savepoint a'],
    ['release a', 'commit'],
  ],
}

describe.each(postgresMajors())('an upsert of a new key that another overtakes, on PostgreSQL %i', (major) => {
  let twin: RacingApplication
  let own: RacingApplication
  let runtime: Runtime
  const flags = fixedFlags({ login: false })
  let keys = 0

  beforeAll(async () => {
    runtime = await createRuntime({ migrations: MIGRATIONS, flags, phases: readSwitch(MIGRATIONS) })
    twin = await RacingApplication.start(major, UNTOUCHED, pg.Client)
    own = await RacingApplication.start(major, BOTH_UNIQUE, instrumentedClient(runtime))
  })
  afterAll(async () => {
    await Promise.all([twin?.stop(), own?.stop()])
    await runtime?.close()
  })

  describe.each(Object.entries(AROUND))('%s', (_, around) => {
    test.each(Object.entries(UPSERTS))('%s', async (_name, upsert) => {
      const key = `k${++keys}`
      flags.set('login', keys % 2 === 0)
      const wanted = await twin.overtaken(key, upsert, around)
      expect(await own.overtaken(key, upsert, around)).toEqual(wanted)
    })
  })
})
