import { beginMigration, installControl, openControl, readFleet, recordPhase } from '@expand-contract/control'
import { renameColumn } from '@expand-contract/core'
import { INestApplication } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { Client } from 'pg'
import { DataSource } from 'typeorm'
import { AppModule } from './app.module'

describe('the application', () => {
  let app: INestApplication
  let url: string
  let operator: Client

  beforeAll(async () => {
    operator = new Client({ connectionString: process.env.DATABASE_URL })
    await operator.connect()
    await installControl(operator)
    const control = openControl(operator)
    const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name' })
    const { id } = migration
    const { epoch } = await beginMigration(control, { migration, oldPositions: {}, who: 'operator' })
    await recordPhase(control, { migration: id, operation: 'switch', from: 'expand', epoch, who: 'operator' })
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile()
    app = module.createNestApplication()
    await app.listen(0, '127.0.0.1')
    url = `${await app.getUrl()}/users`
  })

  afterAll(async () => {
    await app.close()
    const members = await readFleet(openControl(operator), { gone: true })
    await operator.end()
    expect(members.map(({ application, live }) => ({ application, live }))).toEqual([
      { application: 'users', live: false },
    ])
  })

  const names = async (user: string): Promise<unknown> => (await fetch(url, { headers: { 'x-user': user } })).json()

  it('writes both columns, and reads the one that the flag says for the user of the request', async () => {
    await fetch(url, { method: 'POST', body: new URLSearchParams({ name: 'Ada' }) })
    expect(await names('1')).toEqual(['Ada'])

    const dataSource = app.get(DataSource)
    expect(await dataSource.query('select full_name from users')).toEqual([{ full_name: 'Ada' }])

    await dataSource.query("update users set full_name = 'Grace'")
    expect(await names('1')).toEqual(['Ada'])
    expect(await names('42')).toEqual(['Grace'])
  })
})
