import { createRuntime, currentScope, ExpandContractError, renameColumn } from '@expand-contract/core'
import { instrumentedPool, StatementRefusedError } from '@expand-contract/pg'

const fullName = renameColumn({ table: 'people', from: 'name', to: 'full_name' })

describe('modules that jest has loaded anew', () => {
  it('are one with those that were loaded before', async () => {
    const { url } = { url: process.env.DATABASE_URL }
    jest.resetModules()
    const core: typeof import('@expand-contract/core') = require('@expand-contract/core')
    const pg: typeof import('@expand-contract/pg') = require('@expand-contract/pg')
    expect(core.createRuntime).not.toBe(createRuntime)
    expect(pg.instrumentedPool).not.toBe(instrumentedPool)

    const runtime = await createRuntime({ migrations: [fullName] })
    const pool = pg.instrumentedPool(runtime, { connectionString: url })
    await pool.query('create table people (name text, full_name text)')
    const refused = await pool.query('copy people (name) from stdin').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StatementRefusedError)
    expect(refused).toBeInstanceOf(ExpandContractError)
    runtime.withContext({ userId: '1' }, () => {
      expect(core.currentScope()).toBe(currentScope())
      expect(core.currentScope()?.context).toEqual({ userId: '1' })
    })
    const deep = await pool
      .query(`insert into people (name) values ('a' ${"|| 'b'".repeat(50_000)})`)
      .catch((error: unknown) => error)
    expect(deep).toMatchObject({ code: 'EC_REFUSED', reasons: [{ code: 'too-deep' }] })
    await pool.query("insert into people (name) values ('Ada')")
    expect((await pool.query('select full_name from people')).rows).toEqual([{ full_name: 'Ada' }])
    await pool.end()
    await runtime.close()
  })

  it('hand on the errors of Node, whose classes are not those of a test', async () => {
    const runtime = await createRuntime({ migrations: [fullName] })
    const pool = instrumentedPool(runtime, { host: '127.0.0.1', port: 1 })
    await expect(pool.query('select name from people')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await pool.end()
    await runtime.close()
  })
})
