import { MigratingColumn, MigratingDataSource } from '@expand-contract/typeorm'
import { Column, type DataSource, type DataSourceOptions, Entity, PrimaryGeneratedColumn } from 'typeorm'
import { afterEach, beforeEach } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'

export const to = { name: 'full_name', type: 'text' } as const

@Entity('users')
export class User {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
  id!: number

  @Column({ type: 'varchar' })
  @MigratingColumn({ to })
  name!: string

  @Column({ type: 'int', nullable: true })
  age!: number
}

@Entity('users')
export class PlainUser {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
  id!: number

  @Column({ name: 'full_name', type: 'text' })
  name!: string

  @Column({ type: 'int', nullable: true })
  age!: number
}

type Entities = DataSourceOptions['entities']

/** A database with users for each test of a file, and data sources that are closed after it. */
export function usersDatabase() {
  let current: TestDatabase
  const opened: DataSource[] = []

  beforeEach(async () => {
    current = await createDatabase(newestMajor(), {
      sql: `create table users (id serial primary key, name varchar not null, age int);
            insert into users (name) values ('Ada')`,
    })
  })

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((source) => source.destroy()))
    await current.drop()
  })

  const database = {
    get url(): string {
      return current.url
    },
  }

  async function migrating(entities: Entities): Promise<MigratingDataSource> {
    const source = new MigratingDataSource({ type: 'postgres', url: current.url, entities: entities ?? [] })
    opened.push(source)
    return source.initialize()
  }

  /** The SQL of `migration:generate`, without names of constraints that TypeORM makes up. */
  async function generated(entities: Entities, source?: DataSource): Promise<readonly string[]> {
    const { upQueries } = await (source ?? (await migrating(entities))).driver.createSchemaBuilder().log()
    return upQueries.map(({ query }) => query.replaceAll(/\s+/gu, ' ').trim())
  }

  return { database, opened, migrating, generated }
}
