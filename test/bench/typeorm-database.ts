import { MigratingDataSource, migratingSchema } from '@expand-contract/typeorm'
import { DataSource, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js'
import {
  customerRow,
  type OrmDatabase,
  type OrmKind,
  type OrmTables,
  READ_FULL_NAME,
  readsNew,
} from './orm-database.ts'

interface Customer {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly city: string
  readonly fullName?: string
}

interface Sale {
  readonly id: number
  readonly quantity: number
  readonly customer: Customer
}

const text: EntitySchemaColumnOptions = { type: 'text' }

const customerSchema = (tableName: string, more: Readonly<Record<string, EntitySchemaColumnOptions>> = {}) =>
  new EntitySchema<Customer>({
    name: tableName,
    tableName,
    columns: { id: { type: 'int', primary: true }, email: text, name: text, city: text, ...more },
  })

const saleSchema = (tableName: string, customer: string) =>
  new EntitySchema<Sale>({
    name: tableName,
    tableName,
    columns: { id: { type: 'int', primary: true }, quantity: { type: 'int' } },
    relations: { customer: { type: 'many-to-one', target: customer, joinColumn: { name: 'customer_id' } } },
  })

const NAMES = {
  other: { customer: 'others', sale: 'other_sales' },
  migrating: { customer: 'customers', sale: 'orders' },
} as const

export async function typeormDatabase(url: string, kind: OrmKind): Promise<OrmDatabase> {
  const both = { fullName: { type: 'text', name: 'full_name', nullable: true } } as const
  const migrating = customerSchema('customers', kind === 'by hand' ? both : {})
  const declared = migratingSchema(migrating, {
    name: { to: { name: 'full_name', type: 'text' }, flag: READ_FULL_NAME },
  })
  const entities = [
    customerSchema('others'),
    saleSchema('other_sales', 'others'),
    kind === 'through' ? declared : migrating,
    saleSchema('orders', 'customers'),
  ]
  const options: PostgresDataSourceOptions = { type: 'postgres', url, entities, extra: { max: 1 } }
  const source = kind === 'through' ? new MigratingDataSource(options, readsNew()) : new DataSource(options)
  await source.initialize()
  const customers = (tables: OrmTables) => source.getRepository<Customer>(NAMES[tables].customer)
  const sales = (tables: OrmTables) => source.getRepository<Sale>(NAMES[tables].sale)
  const byHand = (tables: OrmTables, name: string) =>
    kind === 'by hand' && tables === 'migrating' ? { fullName: name } : {}
  return {
    find: (tables, id) => customers(tables).findOneBy({ id }),
    list: (tables, id) =>
      sales(tables).find({ where: { customer: { id } }, relations: { customer: true }, order: { id: 'ASC' } }),
    insert(tables, id) {
      const row = customerRow(id)
      return customers(tables).insert({ ...row, ...byHand(tables, row.name) })
    },
    update(tables, id) {
      const name = `Customer renamed ${id}`
      return customers(tables).update({ id }, { name, ...byHand(tables, name) })
    },
    execute: (sql) => source.query(sql),
    close: () => source.destroy(),
  }
}
