import { createRuntime, fixedPhases, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { unleashFlags } from '@expand-contract/unleash'
import { Unleash } from 'unleash-client'

const { DATABASE_URL: connectionString, UNLEASH_URL: url = '', UNLEASH_TOKEN: Authorization = '' } = process.env
const unleash = new Unleash({ appName: 'shop', url, customHeaders: { Authorization } })

const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-read-full-name' })
// Closed until every row is filled and compared: until then the flag does not count, and the old column is read.
const phases = fixedPhases({ [fullName.id]: process.env.READ_SWITCH === 'open' ? 'switch' : 'expand' })
const runtime = await createRuntime({ migrations: [fullName], flags: unleashFlags(unleash), phases })
const pool = instrumentedPool(runtime, { connectionString }) // a real pg.Pool

// Before `alter table users add column full_name text` this writes `name`; from then on it writes both columns.
await pool.query('insert into users (name) values ($1)', ['Ada Lovelace'])

// With the switch open: reads `full_name` where the flag is on for this user, `name` where it is not. The answer is the same.
await runtime.withContext({ userId: '42' }, async () => {
  const { rows } = await pool.query('select id, name from users where name like $1', ['Ada%'])
  console.log(rows)
})

await pool.end()
await runtime.close()
unleash.destroy()
