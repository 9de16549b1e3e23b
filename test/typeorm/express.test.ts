import { fixedPhases } from '@expand-contract/core'
import { MigratingColumn, MigratingDataSource } from '@expand-contract/typeorm'
import express from 'express'
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'

@Entity('users')
class User {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ type: 'text' })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' }, flag: 'users-read-full-name' })
  name!: string
}

let database: TestDatabase
let dataSource: MigratingDataSource

beforeAll(async () => {
  database = await createDatabase(newestMajor(), {
    sql: `create table users (id serial primary key, name text not null, full_name text);
      insert into users (name, full_name) values ('old', 'new'), ('old', 'new')`,
  })
  dataSource = await new MigratingDataSource(
    { type: 'postgres', url: database.url, entities: [User] },
    {
      flags: { isEnabled: (_, { userId }) => userId === '2' },
      phases: fixedPhases({ 'users.full_name': 'switch' }),
    },
  ).initialize()
})

afterAll(async () => {
  await dataSource.destroy()
  await database.drop()
})

it('a request reads what the flag says for the user whom a middleware has found in the database', async () => {
  const app = express()
  app.use(express.json(), async (request, response, next) => {
    const id = Number(request.get('x-user'))
    response.locals.user = await dataSource.manager.findOneBy(User, { id })
    next()
  })
  app.use((_request, { locals }, next) => dataSource.withContext({ userId: String(locals.user.id) }, next))
  app.post('/names', async (request, response) => {
    const before = await dataSource.manager.find(User)
    await new Promise((resolve) => setTimeout(resolve, request.body.wait))
    const after = await dataSource.transaction((manager) => manager.find(User))
    response.json([...before, ...after].map(({ name }) => name))
  })
  const server = app.listen(0, '127.0.0.1')
  try {
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const ask = async (user: number) => {
      const response = await fetch(`http://127.0.0.1:${port}/names`, {
        method: 'POST',
        body: JSON.stringify({ wait: user % 5 }),
        headers: { 'content-type': 'application/json', 'x-user': String(1 + (user % 2)) },
      })
      return String(await response.json())
    }
    const asked = await Promise.all(Array.from({ length: 30 }, (_, user) => ask(user)))
    expect(asked).toEqual(asked.map((_, user) => (user % 2 === 1 ? 'new,new,new,new' : 'old,old,old,old')))
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
