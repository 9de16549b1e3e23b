import { type Migration, renameColumn } from '@expand-contract/core'
import pg from 'pg'

/**
 * Entries of an index on an expression are made after ON CONFLICT has looked for a conflict and before the entries of
 * younger indexes: a function that waits there holds an upsert in the moment in which another one can overtake it.
 */
const TABLES = `
  create function held(value text) returns text language plpgsql immutable as $$ begin
    if current_setting('app.held', true) = 'yes' then perform pg_advisory_xact_lock(7); end if;
    return value;
  end $$;
  create table accounts (id serial primary key, login text, hits int default 1);
  create index accounts_held on accounts (held(login));
  alter table accounts add constraint accounts_login_key unique (login);
  create table codes (code text, active boolean default true, hits int default 1);
  create index codes_held on codes (held(code));
  create unique index codes_code_key on codes (code) where active;
  create table slugs (slug text, hits int default 1);
  create index slugs_held on slugs (held(slug));
  create unique index slugs_slug_key on slugs (lower(slug));
  create table rooms (room text, hits int default 1);
  create index rooms_held on rooms (held(room));
  alter table rooms add constraint rooms_room_excl exclude (room with =);
  create table seats (event int, seat text, hits int default 1) partition by list (event);
  create table seats_1 partition of seats for values in (1);
  create index seats_held on seats (held(seat));
  alter table seats add constraint seats_seat_key unique (event, seat)`

/** What the application's tables are without a migration, for the twin. */
export const UNTOUCHED = TABLES

/** The same with the new columns, as unique as the old ones. */
export const BOTH_UNIQUE = `${TABLES};
  alter table accounts add column login_name text;
  alter table accounts add constraint accounts_login_name_key unique (login_name);
  alter table codes add column code_name text;
  create unique index codes_code_name_key on codes (code_name) where active;
  alter table slugs add column slug_name text;
  create unique index slugs_slug_name_key on slugs (lower(slug_name));
  alter table rooms add column room_name text;
  alter table rooms add constraint rooms_room_name_excl exclude (room_name with =);
  alter table seats add column seat_name text;
  alter table seats add constraint seats_seat_name_key unique (event, seat_name)`

export const MIGRATIONS: readonly Migration[] = [
  renameColumn({
    ...{ table: 'accounts', from: 'login', to: 'login_name', flag: 'login' },
    constraints: { accounts_login_key: 'accounts_login_name_key' },
  }),
  renameColumn({ table: 'codes', from: 'code', to: 'code_name' }),
  renameColumn({ table: 'slugs', from: 'slug', to: 'slug_name' }),
  renameColumn({
    ...{ table: 'rooms', from: 'room', to: 'room_name' },
    constraints: { rooms_room_excl: 'rooms_room_name_excl' },
  }),
  renameColumn({ table: 'seats', from: 'seat', to: 'seat_name' }),
]

export const UPSERT =
  'insert into accounts (login) values ($1) on conflict (login) do update set hits = accounts.hits + 1'

/** Holds back the upserts of sessions in which `app.held` is `yes`. */
export class Gate {
  readonly #client: pg.Client

  private constructor(client: pg.Client) {
    this.#client = client
  }

  static async on(url: string): Promise<Gate> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    return new Gate(client)
  }

  /** What comes of `upsert` when `other` has its turn in the very moment in which that has found no conflict. */
  async overtake<T>(upsert: () => Promise<T>, other: () => Promise<unknown>): Promise<T> {
    await this.#client.query('select pg_advisory_lock(7)')
    const outcome = upsert().then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    )
    const own = '(select oid from pg_database where datname = current_database())'
    const waiting = `select from pg_locks where locktype = 'advisory' and not granted and database = ${own}`
    while ((await this.#client.query(waiting)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await other()
    await this.#client.query('select pg_advisory_unlock(7)')
    const came = await outcome
    if ('error' in came) throw came.error
    return came.answer
  }

  async rows(text: string): Promise<readonly unknown[]> {
    return (await this.#client.query(text)).rows
  }

  async close(): Promise<void> {
    await this.#client.end()
  }
}
