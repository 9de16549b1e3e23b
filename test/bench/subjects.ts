import {
  changeColumnType,
  createRuntime,
  fixedFlags,
  type PhaseSource,
  type Runtime,
  renameColumn,
} from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'
import { readSwitch } from '../support/read-switch.ts'

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
  renameColumn({ table: 'members', from: 'login', to: 'login_name' }),
]

export const MIGRATION_IDS: readonly string[] = migrations.map(({ id }) => id)

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

  create table guests (login text unique, hits int not null default 1);
  insert into guests select 'login' || n from generate_series(1, ${ROWS}) n;
  create table members (like guests including all, login_name text unique);
  insert into members select login, hits, login from guests;
`

/** pg as it is, through the library, and through one that reads the catalog again before every statement, or never. */
export type SubjectKind = 'bare' | 'through' | 'checking' | 'patient'

const REFRESH_MS = { through: undefined, checking: 0, patient: 3_600_000 } as const

export interface Subject {
  readonly client: pg.Client
  readonly runtime: Runtime
  close(): Promise<void>
}

/** One connection. Each has a process to itself, so the compiler sees one kind of client, as in an application. */
export async function connectSubject(
  url: string,
  kind: SubjectKind,
  reads: 'old' | 'new',
  { phases = readSwitch(migrations) }: { readonly phases?: PhaseSource } = {},
): Promise<Subject> {
  const flags = fixedFlags(Object.fromEntries(FLAGS.map((flag) => [flag, reads === 'new'])))
  const runtime = await createRuntime({ migrations, flags, phases })
  const client = new (clientOf(runtime, kind))({ connectionString: url })
  await client.connect()
  return {
    client,
    runtime,
    async close() {
      await client.end()
      await runtime.close()
    },
  }
}

function clientOf(runtime: Runtime, kind: SubjectKind): typeof pg.Client {
  if (kind === 'bare') return pg.Client
  const catalogRefreshMs = REFRESH_MS[kind]
  return instrumentedClient(runtime, catalogRefreshMs === undefined ? {} : { catalogRefreshMs })
}
