import type { Migration, Runtime } from '@expand-contract/core'
import {
  MigratingColumn,
  MigratingDataSource,
  type MigratingDataSourceOptions,
  migratingSchema,
  type OtherColumn,
} from '@expand-contract/typeorm'
import { type ColumnOptions, type DataSource, type DataSourceOptions, EntitySchema, type Table } from 'typeorm'
import { describe, expect, expectTypeOf, it } from 'vitest'

// Compiled with the newest TypeORM, and by tsconfig.oldest.json with the oldest.

/** Checked by the compiler, and not run. */
const compiled = (check: () => unknown): void => expect(check).toBeTypeOf('function')

const to = { name: 'full_name', type: 'text' } as const

describe('MigratingColumn', () => {
  it('is a legacy property decorator, with one other column or several', () =>
    compiled(() => {
      expectTypeOf(MigratingColumn({ to, flag: 'a' })).toEqualTypeOf<PropertyDecorator>()
      MigratingColumn({ from: to, forward: 'a', backward: (name) => `${name}::int` })
      MigratingColumn({
        to: [to, { name: 'b', type: 'numeric', precision: 9 }],
        forward: { full_name: 'a', b: (a, b) => a + b },
      })
      MigratingColumn({
        to,
        with: ['a'],
        flag: ({ table, column }) => table + column,
        after: 'id',
        constraints: { a: 'b' },
      })
    }))

  it('wants one side, with names and types', () =>
    compiled(() => {
      // @ts-expect-error neither `to` nor `from`
      MigratingColumn({ flag: 'a' })
      // @ts-expect-error both
      MigratingColumn({ to, from: to })
      // @ts-expect-error no name
      MigratingColumn({ to: { type: 'text' } })
      // @ts-expect-error no type
      MigratingColumn({ to: { name: 'full_name' } })
      // @ts-expect-error no type of TypeORM's
      MigratingColumn({ to: { name: 'full_name', type: 'txt' } })
    }))

  it('has no options that every write would contradict', () =>
    compiled(() => {
      // @ts-expect-error a default
      MigratingColumn({ to: { ...to, default: 1 } })
      // @ts-expect-error nullable: it is
      MigratingColumn({ to: { ...to, nullable: false } })
      // @ts-expect-error functions over rows: mappings are SQL
      MigratingColumn({ to, forward: (name: number) => name })
      // @ts-expect-error the entity says which side it is on, by `to` or `from`
      MigratingColumn({ to, app: 'new' })
    }))

  it('cannot stand on a class or a method', () =>
    compiled(() => {
      // @ts-expect-error on a class
      @MigratingColumn({ to })
      class User {
        name = ''
      }
      return User
    }))

  it('describes the other column in the words of @Column, as TypeORM has them', () => {
    expectTypeOf<OtherColumn>().toExtend<ColumnOptions>()
  })
})

describe('migratingSchema', () => {
  interface User {
    id: number
    name: string
  }
  const schema = new EntitySchema<User>({ name: 'User', columns: {} })

  it('knows the properties of the entity', () =>
    compiled(() => {
      expectTypeOf(migratingSchema(schema, { name: { to } })).toEqualTypeOf<EntitySchema<User>>()
      // @ts-expect-error no property of the entity
      migratingSchema(schema, { nmae: { to } })
    }))
})

describe('MigratingDataSource', () => {
  it('is a DataSource', () => {
    expectTypeOf<MigratingDataSource>().toExtend<DataSource>()
    expectTypeOf<MigratingDataSource['initialize']>().returns.resolves.toExtend<MigratingDataSource>()
    expectTypeOf<MigratingDataSource['runtime']>().toEqualTypeOf<Runtime>()
  })

  it('takes the options of PostgreSQL, and those of a runtime', () =>
    compiled(() => {
      expectTypeOf<{ type: 'postgres' }>().toExtend<MigratingDataSourceOptions>()
      expectTypeOf<MigratingDataSourceOptions>().toExtend<DataSourceOptions>()
      expectTypeOf<'extra' | 'driver' | 'replication' | 'entities'>().toExtend<keyof MigratingDataSourceOptions>()
      new MigratingDataSource({ type: 'postgres' }, { flags: { isEnabled: () => true }, migrations: [] as Migration[] })
      // @ts-expect-error another database
      new MigratingDataSource({ type: 'sqlite' })
      // @ts-expect-error a flag source that is none
      new MigratingDataSource({ type: 'postgres' }, { flags: () => true })
    }))

  it('gives back what the function of a request gives', () =>
    compiled(() => {
      const source = new MigratingDataSource({ type: 'postgres' })
      expectTypeOf(source.withContext({ userId: '1' }, async () => 1)).toEqualTypeOf<Promise<number>>()
    }))
})

describe('TypeORM 0.3', () => {
  it('has nothing for the type of a column in @Column, and nothing in a table, that 1 does not have', () => {
    type Known =
      | keyof OtherColumn
      | 'default'
      | 'nullable'
      | 'generated'
      | 'generatedIdentity'
      | 'generatedType'
      | 'asExpression'
      | 'onUpdate'
      | 'select'
      | 'insert'
      | 'update'
      | 'transformer'
      | 'query'
      | 'utc'
      | 'readonly'
      | 'primary'
      | 'unique'
      | 'primaryKeyConstraintName'
      | 'foreignKeyConstraintName'
    type OtherDatabases = 'charset' | 'unsigned' | 'width' | 'zerofill'
    expectTypeOf<Exclude<keyof ColumnOptions, Known | OtherDatabases>>().toBeNever()
    type Lists = { [Key in keyof Table]-?: Table[Key] extends readonly unknown[] ? Key : never }[keyof Table]
    type Hidden = 'columns' | 'indices' | 'uniques' | 'checks' | 'exclusions' | 'foreignKeys' | 'primaryColumns'
    expectTypeOf<Lists>().toEqualTypeOf<Hidden>()
  })
})
