import { fixedFlags, fixedPhases } from '@expand-contract/core'

/** `other`: others and other_sales. `migrating`: customers and orders, whose twins those are. */
export type OrmTables = 'other' | 'migrating'

/** `bare`: the ORM as it is, with the old columns. `by hand`: with both, as properties. `through`: with the adapter. */
export type OrmKind = 'bare' | 'by hand' | 'through'

/** What is measured of an ORM, on one connection. */
export interface OrmDatabase {
  find(tables: OrmTables, id: number): Promise<unknown>
  /** Sales of one customer, each with the customer. */
  list(tables: OrmTables, customer: number): Promise<unknown>
  insert(tables: OrmTables, id: number): Promise<unknown>
  update(tables: OrmTables, id: number): Promise<unknown>
  execute(text: string): Promise<unknown>
  close(): Promise<void>
}

export const READ_FULL_NAME = 'read-full-name'

/** Reads come from the new column. */
export const readsNew = () => ({
  flags: fixedFlags({ [READ_FULL_NAME]: true }),
  phases: fixedPhases({ 'customers.full_name': 'switch' }),
})

export const customerRow = (id: number) => ({
  id,
  email: `orm${id}@example.org`,
  name: `Customer number ${id}`,
  city: 'Lima',
})
