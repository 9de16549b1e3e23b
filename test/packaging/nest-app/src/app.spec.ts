import { INestApplication } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { DataSource } from 'typeorm'
import { AppModule } from './app.module'

describe('the application', () => {
  let app: INestApplication
  let url: string

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile()
    app = module.createNestApplication()
    await app.listen(0, '127.0.0.1')
    url = `${await app.getUrl()}/users`
  })

  afterAll(() => app.close())

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
