import {
  changeColumnType,
  createRuntime,
  type FixedFlags,
  fixedFlags,
  type Runtime,
  renameColumn,
} from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'

export const ROWS = 100_000

const FLAGS = ['read-full-name', 'read-quantity-big'] as const

const migrations = [
  renameColumn({ table: 'customers', from: 'name', to: 'full_name', flag: FLAGS[0] }),
  changeColumnType({
    table: 'orders',
    from: 'quantity',
    fromType: 'int4',
    to: 'quantity_big',
    type: 'int8',
    flag: FLAGS[1],
  }),
]

/**
 * `customers` and `orders` are migrating. Their twins without the new columns have names that do not contain theirs, so that
 * a statement on them is one on other tables.
 */
export const SCHEMA = `
  create table others (id int primary key, email text not null unique, name text not null, city text not null);
  insert into others
    select n, 'c' || n || '@example.org', 'Customer ' || n, 'Oslo' from generate_series(1, ${ROWS}) n;
  create index on others (name);
  create table customers (like others including indexes);
  alter table customers add full_name text;
  insert into customers select *, name from others;
  create index on customers (full_name);

  create table other_sales (id int primary key, customer_id int not null, quantity int not null);
  insert into other_sales select n, 1 + (n * 7919) % ${ROWS}, n % 1000 from generate_series(1, ${ROWS}) n;
  create index on other_sales (customer_id);
  create index on other_sales (quantity);
  create table orders (like other_sales including indexes);
  alter table orders add quantity_big bigint;
  insert into orders select *, quantity from other_sales;
  create index on orders (quantity_big);
`

/** A connection of pg as it is, and one through the waist, on the same database. */
export interface Subjects {
  readonly url: string
  readonly bare: pg.Client
  readonly through: pg.Client
  /** Another of pg as it is, so that what one is compared with may be measured against itself. */
  readonly bareAgain: pg.Client
  /** As `through`, with the catalog read before every statement. */
  readonly checking: pg.Client
  /** One more connection, on which the catalog is not read again. Closed at the end. */
  readonly connect: (kind: 'bare' | 'through') => Promise<pg.Client>
  readonly readNew: (enabled: boolean) => void
  readonly runtime: Runtime
  end(): Promise<void>
}

export async function connectSubjects(url: string): Promise<Subjects> {
  const flags: FixedFlags = fixedFlags(Object.fromEntries(FLAGS.map((flag) => [flag, false])))
  const runtime = await createRuntime({ migrations, flags })
  const Client = instrumentedClient(runtime)
  const Checking = instrumentedClient(runtime, { catalogRefreshMs: 0 })
  const connection = { connectionString: url }
  const clients = {
    bare: new pg.Client(connection),
    bareAgain: new pg.Client(connection),
    through: new Client(connection),
    checking: new Checking(connection),
  }
  for (const client of Object.values(clients)) await client.connect()
  const Patient = instrumentedClient(runtime, { catalogRefreshMs: 3_600_000 })
  const more: pg.Client[] = []
  return {
    url,
    ...clients,
    runtime,
    async connect(kind) {
      const client = kind === 'bare' ? new pg.Client(connection) : new Patient(connection)
      await client.connect()
      more.push(client)
      return client
    },
    readNew: (enabled) => {
      for (const flag of FLAGS) flags.set(flag, enabled)
    },
    async end() {
      for (const client of Object.values(clients)) await client.end()
      // They are answered from memory, which knows no goodbye.
      for (const client of more) client.on('error', () => {}).connection.stream.destroy()
      await runtime.close()
    },
  }
}
