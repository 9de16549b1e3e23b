import { type Migration, quoteTable } from '@expand-contract/core'
import {
  MigratingColumn,
  type MigratingColumnOptions,
  MigratingDataSource,
  migratingSchema,
} from '@expand-contract/typeorm'
import {
  ChildEntity,
  Column,
  DataSource,
  type DataSourceOptions,
  DefaultNamingStrategy,
  Entity,
  EntitySchema,
  PrimaryGeneratedColumn,
  TableInheritance,
  ViewColumn,
  ViewEntity,
} from 'typeorm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase(newestMajor())
})

afterAll(() => database.drop())

type Options = Omit<Extract<DataSourceOptions, { type: 'postgres' }>, 'type'>

/** The migrations that the entities of a data source declare. */
async function migrationsOf(options: Options): Promise<readonly Migration[]> {
  const source = new MigratingDataSource({ type: 'postgres', url: database.url, ...options })
  await source.initialize()
  const { migrations } = source.runtime
  await source.destroy()
  return migrations
}

/** Table, old and new columns of each, in one line. */
async function namesOf(options: Options): Promise<readonly string[]> {
  const migrations = await migrationsOf(options)
  const list = (columns: Migration['old']) => columns.map(({ name, type }) => `${name} ${type}`).join(', ')
  return migrations.map((each) => `${quoteTable(each.table)}: ${list(each.old)} -> ${list(each.new)}`)
}

const to = { name: 'full_name', type: 'text' } as const

/** An entity whose name is declared as given. */
function userWith(options: MigratingColumnOptions) {
  @Entity('users')
  class User {
    @PrimaryGeneratedColumn()
    id!: number

    @Column({ type: 'varchar' })
    @MigratingColumn(options)
    name!: string

    @Column({ type: 'int4', nullable: true })
    cents?: number
  }
  return User
}

class SnakeCase extends DefaultNamingStrategy {
  override tableName(target: string, given?: string): string {
    return given ?? `t_${target.toLowerCase()}`
  }
  override columnName(property: string, given: string | undefined, prefixes: string[]): string {
    return [...prefixes, given ?? property].join('_').replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`)
  }
}

describe('names', () => {
  it('are those of the schema and the prefix', async () => {
    expect(await namesOf({ entities: [userWith({ to })], schema: 'crm', entityPrefix: 'app_' })).toEqual([
      '"crm"."app_users": name character varying -> full_name text',
    ])
  })

  it('are those of the naming strategy, for the other column as well', async () => {
    @Entity()
    class User {
      @PrimaryGeneratedColumn()
      id!: number

      @Column({ type: 'int' })
      @MigratingColumn({ to: { name: 'balanceAmount', type: 'numeric', precision: 12, scale: 2 } })
      balanceCents!: number
    }
    expect(await namesOf({ entities: [User], namingStrategy: new SnakeCase() })).toEqual([
      '"t_user": balance_cents integer -> balance_amount numeric(12,2)',
    ])
  })

  it('are prefixed in embedded entities, each of which migrates by itself', async () => {
    class Address {
      @Column({ type: 'varchar', length: 10 })
      @MigratingColumn({ to: { name: 'postcode', type: 'text' }, flag: ({ table, column }) => `${table}-${column}` })
      zip!: string
    }
    class Person {
      @Column(() => Address)
      home!: Address
    }
    @Entity('users')
    class User {
      @PrimaryGeneratedColumn()
      id!: number

      @Column(() => Address)
      home!: Address

      @Column(() => Address, { prefix: 'w' })
      work!: Address

      @Column(() => Person)
      boss!: Person
    }
    expect(await namesOf({ entities: [User] })).toEqual([
      '"users": homeZip character varying(10) -> homePostcode text',
      '"users": wZip character varying(10) -> wPostcode text',
      '"users": bossHomeZip character varying(10) -> bossHomePostcode text',
    ])
    expect((await migrationsOf({ entities: [User] })).map(({ flag }) => flag)).toEqual([
      'users-homeZip',
      'users-wZip',
      'users-bossHomeZip',
    ])
  })

  it('come from abstract bases, once per table', async () => {
    abstract class Named {
      @PrimaryGeneratedColumn()
      id!: number

      @Column({ type: 'varchar' })
      @MigratingColumn({ to })
      name!: string
    }
    @Entity('users')
    class User extends Named {}
    @Entity('groups')
    class Group extends Named {
      // Nearer to the table than the declaration of the base.
      @Column({ type: 'varchar' })
      @MigratingColumn({ to: { name: 'title', type: 'text' } })
      declare name: string
    }
    expect(await namesOf({ entities: [User, Group] })).toEqual([
      '"users": name character varying -> full_name text',
      '"groups": name character varying -> title text',
    ])
  })

  it('come once from a table of several entities', async () => {
    @Entity('payments')
    @TableInheritance({ column: { name: 'kind', type: 'varchar' } })
    class Payment {
      @PrimaryGeneratedColumn()
      id!: number

      @Column({ type: 'int' })
      @MigratingColumn({ to: { name: 'amount_big', type: 'int8' } })
      amount!: number
    }
    @ChildEntity()
    class Card extends Payment {
      @Column({ type: 'char', length: 4 })
      @MigratingColumn({ to: { name: 'ending', type: 'varchar', length: 4 } })
      lastFour!: string
    }
    expect([...(await namesOf({ entities: [Payment, Card] }))].sort()).toEqual([
      '"payments": amount integer -> amount_big bigint',
      '"payments": lastFour character(4) -> ending character varying(4)',
    ])
  })

  it('come from schemas without decorators, also embedded ones', async () => {
    interface Address {
      zip: string
    }
    interface User {
      id: number
      name: string
      home: Address
    }
    const address = migratingSchema(
      new EntitySchema<Address>({ name: 'Address', columns: { zip: { type: 'varchar' } } }),
      { zip: { to: { name: 'postcode', type: 'text' } } },
    )
    const user = migratingSchema(
      new EntitySchema<User>({
        name: 'User',
        tableName: 'users',
        columns: { id: { type: 'int', primary: true, generated: true }, name: { type: 'varchar' } },
        embeddeds: { home: { schema: address } },
      }),
      { name: { to } },
    )
    expect(await namesOf({ entities: [user] })).toEqual([
      '"users": name character varying -> full_name text',
      '"users": homeZip character varying -> homePostcode text',
    ])
  })
})

describe('mappings', () => {
  it('may name columns, or be given their names', async () => {
    const User = userWith({
      to: { name: 'amount', type: 'numeric', precision: 12, scale: 2 },
      forward: 'length(name) / 100.0',
      backward: (amount) => `repeat('x', (${amount} * 100)::int)`,
    })
    expect(await migrationsOf({ entities: [User] })).toMatchObject([
      {
        app: 'old',
        forward: { amount: { kind: 'sql', sql: 'length(name) / 100.0' } },
        backward: { name: { kind: 'sql', sql: `repeat('x', ("amount" * 100)::int)` } },
      },
    ])
  })

  it('split a column', async () => {
    const User = userWith({
      to: [
        { name: 'first_name', type: 'text' },
        { name: 'last_name', type: 'text' },
      ],
      forward: {
        first_name: (name) => `split_part(${name}, ' ', 1)`,
        last_name: (name) => `split_part(${name}, ' ', 2)`,
      },
      backward: (first, last) => `concat_ws(' ', ${first}, ${last})`,
      id: 'users.split-name',
      flag: 'split',
      after: 'id',
    })
    expect(await migrationsOf({ entities: [User] })).toMatchObject([
      {
        id: 'users.split-name',
        flag: 'split',
        after: 'id',
        old: [{ name: 'name', type: 'character varying' }],
        forward: { last_name: { kind: 'sql', sql: `split_part("name", ' ', 2)` } },
        backward: { name: { kind: 'sql', sql: `concat_ws(' ', "first_name", "last_name")` } },
      },
    ])
  })

  it('merge the columns of several properties', async () => {
    const User = userWith({
      with: ['cents'],
      to: { name: 'both', type: 'text' },
      forward: (name, cents) => `${name} || ':' || ${cents}`,
      backward: { name: (both) => `split_part(${both}, ':', 1)`, cents: (both) => `split_part(${both}, ':', 2)::int` },
    })
    expect(await migrationsOf({ entities: [User] })).toMatchObject([
      {
        old: [{ name: 'name' }, { name: 'cents', type: 'integer' }],
        new: [{ name: 'both' }],
        forward: { both: { sql: `"name" || ':' || "cents"` } },
        backward: { cents: { sql: `split_part("both", ':', 2)::int` } },
      },
    ])
  })

  it('go the same way for entities of the new side', async () => {
    const User = userWith({
      from: { name: 'nick', type: 'char', length: 9 },
      forward: 'btrim(nick)',
      constraints: { a: 'b' },
    })
    expect(await migrationsOf({ entities: [User] })).toMatchObject([
      {
        app: 'new',
        old: [{ name: 'nick', type: 'character(9)' }],
        new: [{ name: 'name', type: 'character varying' }],
        forward: { name: { sql: 'btrim(nick)' } },
        backward: { nick: { kind: 'column', column: 'name' } },
        constraints: { a: 'b' },
      },
    ])
  })
})

describe('refusals', () => {
  const refused = (options: Options) => expect(migrationsOf(options)).rejects

  it('an entity in a plain DataSource', async () => {
    const source = new DataSource({ type: 'postgres', url: database.url, entities: [userWith({ to })] })
    await expect(source.initialize()).rejects.toMatchObject({ code: 'EC_TYPEORM_DATA_SOURCE' })
    expect(source.isInitialized).toBe(false)
  })

  it('a property that is no column', async () => {
    @Entity('users')
    class User {
      @PrimaryGeneratedColumn()
      id!: number

      @MigratingColumn({ to })
      name!: string
    }
    await refused({ entities: [User] }).toMatchObject({
      code: 'EC_TYPEORM_COLUMN',
      message: expect.stringContaining('"name" of User is declared as migrating, but has no column'),
    })
  })

  it('an other column that the entity has', async () => {
    await refused({ entities: [userWith({ to: { name: 'cents', type: 'text' } })] }).toMatchObject({
      code: 'EC_TYPEORM_COLUMN',
      message: expect.stringContaining('"cents"'),
    })
  })

  it('a property that is declared twice', async () => {
    @Entity('users')
    class User {
      @PrimaryGeneratedColumn()
      id!: number

      @Column({ type: 'varchar' })
      @MigratingColumn({ to })
      @MigratingColumn({ to: { name: 'nick', type: 'text' } })
      name!: string
    }
    await refused({ entities: [User] }).toMatchObject({
      code: 'EC_TYPEORM_COLUMN',
      message: expect.stringContaining('"name" of User is declared as migrating twice'),
    })
    const schema = new EntitySchema<{ id: number; name: string }>({
      name: 'User',
      columns: { id: { type: 'int', primary: true }, name: { type: 'varchar' } },
    })
    const twice = migratingSchema(migratingSchema(schema, { name: { to } }), { name: { to } })
    await refused({ entities: [twice] }).toMatchObject({ code: 'EC_TYPEORM_COLUMN' })
  })

  it('what cannot be written: a column of a view, or one that is computed', async () => {
    @ViewEntity({ name: 'user_names', expression: 'SELECT 1 AS "name"' })
    class UserName {
      @ViewColumn()
      @MigratingColumn({ to })
      name!: string
    }
    await refused({ entities: [UserName] }).toMatchObject({
      code: 'EC_TYPEORM_COLUMN',
      message: expect.stringContaining('is a column of a view'),
    })
    @Entity('users')
    class User {
      @PrimaryGeneratedColumn()
      id!: number

      @Column({ type: 'varchar', asExpression: "'x'", generatedType: 'STORED' })
      @MigratingColumn({ to })
      name!: string
    }
    await refused({ entities: [User] }).toMatchObject({
      code: 'EC_TYPEORM_COLUMN',
      message: expect.stringContaining('is computed by PostgreSQL'),
    })
  })

  it('mappings that are none', async () => {
    await refused({ entities: [userWith({ to, forward: 'now()::text' })] }).toMatchObject({
      code: 'EC_VOLATILE_MAPPING',
    })
    await refused({ entities: [userWith({ to, forward: { other: 'name' } })] }).toMatchObject({
      code: 'EC_TYPEORM_OPTION',
      message: expect.stringContaining('"other", which is none of the columns on that side ("full_name")'),
    })
    await refused({ entities: [userWith({ to: [to, { ...to, name: 'x' }] })] }).toMatchObject({
      code: 'EC_MAPPING_MISSING',
    })
  })
})
