import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changeColumnType, defineMigration, type Migration, renameColumn } from '@expand-contract/core'
import { doctor } from '@expand-contract/runner'
import { describe, expect, test } from 'vitest'
import { newestMajor, postgresMajors } from '../../support/postgres.ts'
import { ExpandedDatabase } from '../expanded-database.ts'

/** What a shop has: keys, checks, a view, a trigger that keeps a time, defaults, an enum, a partitioned table. */
const SHOP = `
  create schema shop;
  create type shop.state as enum ('new', 'paid', 'sent');
  create table shop.customers (id int generated always as identity primary key, email varchar(200) not null unique,
    name text not null check (length(name) > 0), created_at timestamptz not null default now(), updated_at timestamptz);
  create table shop.orders (id serial primary key, customer_id int not null references shop.customers, cents int not null default 0 check (cents >= 0),
    state shop.state not null default 'new', note text);
  create index on shop.orders (customer_id); create index on shop.orders (lower(note)) where state = 'paid';
  create table shop.events (id bigint not null, at date not null, payload jsonb, primary key (id, at)) partition by range (at);
  create table shop.events_2024 partition of shop.events for values from ('2024-01-01') to ('2025-01-01');
  grant select (id, name), update (name) on shop.customers to pg_monitor; grant insert (payload) on shop.events to pg_monitor;
  create view shop.open_orders as select o.id, c.name, o.cents from shop.orders o join shop.customers c on c.id = o.customer_id where o.state = 'new';
  create function shop.touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$;
  create trigger touched before update on shop.customers for each row execute function shop.touch();
  create function shop.total(c int) returns bigint language sql stable as 'select sum(cents) from shop.orders where customer_id = c';
  insert into shop.customers (email, name) select n || '@x', 'Customer ' || n from generate_series(1, 50) n;
  insert into shop.orders (customer_id, cents, note) select n, n * 100, 'note' from generate_series(1, 50) n;
  insert into shop.events select n, '2024-05-05', '{"a": 1}' from generate_series(1, 50) n;
  analyze;`

const MIGRATIONS: readonly Migration[] = [
  renameColumn({ table: 'shop.customers', from: 'name', to: 'full_name', type: 'text' }),
  changeColumnType({ table: 'shop.customers', from: 'email', fromType: 'varchar(200)', to: 'mail', type: 'text' }),
  changeColumnType({
    ...{ table: 'shop.orders', from: 'cents', fromType: 'int4', to: 'amount', type: 'numeric(12,2)' },
    ...{ forward: 'cents::numeric / 100', backward: '(amount * 100)::int' },
  }),
  changeColumnType({ table: 'shop.orders', from: 'id', fromType: 'int4', to: 'id_big', type: 'int8' }),
  renameColumn({ table: 'shop.events', from: 'payload', to: 'body', type: 'jsonb' }),
  defineMigration({
    ...{ id: 'split', table: 'shop.customers', old: { name: 'text' }, new: { first: 'text', rest: 'text' } },
    forward: { first: "split_part(name, ' ', 1)", rest: "substring(name from ' (.*)')" },
    backward: { name: "first || coalesce(' ' || rest, '')" },
  }),
]

const errorsIn = async (db: Pick<ExpandedDatabase, 'client'>, migrations: readonly Migration[]) => {
  const { groups } = await doctor(db.client, migrations)
  return groups.flatMap(({ migration, findings }) =>
    findings.filter(({ level }) => level === 'error').map(({ code, what }) => [migration, code, what]),
  )
}

const EXAMPLES = join(import.meta.dirname, '../../../examples')

describe.each(postgresMajors())('PostgreSQL %i: no false alarm', (major) => {
  test('in a shop, before expand and behind it, for each kind of change', async () => {
    const db = await ExpandedDatabase.open(major, SHOP)
    expect(await errorsIn(db, MIGRATIONS)).toEqual([])
    const apart = MIGRATIONS.filter(({ id }) => id !== 'split')
    for (const migration of apart) await db.expand(migration)
    expect(await errorsIn(db, apart)).toEqual([])
    await db.close()
  })

  test('in the examples, as their migrations make them', async () => {
    const files = readdirSync(join(EXAMPLES, 'drizzle-shop/migrations'))
      .filter((file) => file.endsWith('.sql'))
      .sort()
    const first = readFileSync(join(EXAMPLES, 'drizzle-shop/migrations', files[0] ?? ''), 'utf8')
    const db = await ExpandedDatabase.open(major, '')
    await db.client.query(first)
    expect(first).toMatch(/CREATE TABLE/u)
    const { rows } = await db.client.query(
      `select relname as table, attname as column, format_type(atttypid, atttypmod) as type from pg_attribute a join pg_class c on c.oid = attrelid
       where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 1 order by 1, attnum`,
    )
    const renames = rows.map(({ table, column, type }) =>
      renameColumn({ table, from: column, to: `${column}_new`, type }),
    )
    expect(renames.length).toBeGreaterThan(3)
    expect(await errorsIn(db, renames)).toEqual([])
    await db.close()
  })
})

test('beside writers nothing is taken for another value in another session', async () => {
  const db = await ExpandedDatabase.open(newestMajor(), SHOP)
  const writer = await db.connect()
  const amount = MIGRATIONS.filter(({ table }) => table.name === 'orders')
  // A write between any two queries of the doctor.
  const between = new Proxy(db.client, {
    get(client, key) {
      const value: unknown = Reflect.get(client, key)
      if (typeof value !== 'function') return value
      if (key !== 'query') return value.bind(client)
      return async (...given: readonly unknown[]) => {
        await writer.query(
          'update shop.orders set cents = cents + 100; insert into shop.orders (customer_id) values (1)',
        )
        return Reflect.apply(value, client, given)
      }
    },
  })
  expect(await errorsIn({ client: between }, amount)).toEqual([])
  await db.close()
})
