import { joinFleet } from '@expand-contract/control'
import { createRuntime, renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { CONTROL_FILES } from '../../packages/control/src/generated/control-sql.ts'
import { installStatement } from '../../packages/control/src/install/install-statement.ts'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const LATEST = CONTROL_FILES.length
const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const all = [renameColumn({ table: 'users', from: 'name', to: 'full_name' })]
`
const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name' })

describe.each(postgresMajors())('PostgreSQL %i: a control schema that is older than the library', (major) => {
  test.each([LATEST - 1, 2])(
    'of version %i: a process, status, doctor and expand say so, and what to do',
    async (version) => {
      const database = await createDatabase(major, { sql: 'create table users (id int primary key, name text)' })
      const pool = new pg.Pool({ connectionString: database.url })
      await using project = await cliProject(database.url, DECLARATIONS)
      try {
        await pool.query(installStatement('expand_contract', CONTROL_FILES.slice(0, version)))
        const is = `is of version ${version}, and this library needs ${LATEST}`
        const remedy = 'expand-contract init'

        const warnings: { readonly code: string; readonly message: string }[] = []
        const runtime = await createRuntime({
          migrations: [migration],
          observer: { onWarning: (each) => void warnings.push(each) },
        })
        const fleet = joinFleet(runtime, pool, { application: 'shop', everyMs: 100 })
        await expect.poll(() => warnings.length, { timeout: 60_000 }).toBe(1)
        expect(warnings[0]).toMatchObject({ code: 'fleet', message: expect.stringContaining(is) })
        expect(warnings[0]?.message).toContain(remedy)
        // Once, however often it is tried; and it goes on by itself as soon as the schema is there.
        await fleet.report()
        await fleet.report()
        expect(warnings).toHaveLength(1)

        const doctor = await project.run(['doctor'])
        expect(doctor).toMatchObject({ code: 4, stdout: expect.stringMatching(/D26/u) })
        expect(doctor.stdout.replaceAll(/\s+/gu, ' ')).toContain(is)
        const status = await project.run(['status'])
        expect(status.stdout + status.stderr).toContain(is)
        expect(status.stdout + status.stderr).toContain(remedy)
        const json = (await project.run(['status', '--json'])).json().at(-1)
        expect(JSON.stringify(json)).toContain(remedy)
        const expand = await project.run(['expand', 'users.full_name', '--yes'])
        expect([2, 3]).toContain(expand.code)
        expect(expand.stderr).toMatch(/expand-contract (?:init|doctor)/u)
        expect((await pool.query("select 1 from pg_attribute where attname = 'full_name'")).rows).toEqual([])

        expect((await project.run(['init', '--yes'])).code).toBe(0)
        await fleet.report()
        expect((await pool.query('select application from expand_contract.instances')).rows).toEqual([
          { application: 'shop' },
        ])
        expect((await project.run(['status'])).stderr).not.toContain('needs')
        await fleet.leave()
        await runtime.close()
      } finally {
        await pool.end()
        await database.drop()
      }
    },
  )
})
