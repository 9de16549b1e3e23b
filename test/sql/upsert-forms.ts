import pg from 'pg'
import { UPSERT } from './overtaken-upserts.ts'

type Answer = Pick<pg.QueryResult, 'rows' | 'rowCount' | 'command'>

export interface Upsert {
  /** How it is sent; `key` is new. */
  send(client: pg.Client, key: string): Promise<unknown>
  /** The table that it writes, and its column. @defaultValue accounts, login */
  readonly table?: readonly [name: string, column: string]
}

const answer = async (query: Promise<pg.QueryResult | pg.QueryResult[]>): Promise<unknown> =>
  [await query].flat().map(({ rows, rowCount, command }): Answer => ({ rows, rowCount, command }))

const called = (client: pg.Client, key: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    client.query(`${UPSERT} returning login, hits`, [key], (error, { rows } = { rows: [] } as never) =>
      error ? reject(error) : resolve(rows),
    )
  })

const byEvents = (client: pg.Client, key: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const query = client.query(new pg.Query(`${UPSERT} returning login, hits`, [key]))
    const rows: unknown[] = []
    query.on('row', (row) => rows.push(row))
    query.on('error', reject)
    query.on('end', () => resolve(rows))
  })

async function prepared(client: pg.Client, key: string): Promise<unknown> {
  await client.query(`prepare p${key} as ${UPSERT} returning hits`)
  return answer(client.query(`execute p${key}('${key}')`))
}

const add = (table: string, column: string): string => `insert into ${table} (${column}) values ($1) on conflict`
const count = (table: string): string => `do update set hits = ${table}.hits + 1`

export const UPSERTS: Readonly<Record<string, Upsert>> = {
  'with a parameter': { send: (client, key) => answer(client.query(UPSERT, [key])) },
  'with RETURNING': {
    send: (client, key) => answer(client.query(`${UPSERT} returning login, hits, xmax = 0 as new`, [key])),
  },
  'without parameters': { send: (client, key) => answer(client.query(UPSERT.replace('$1', `'${key}'`))) },
  'of a name': {
    send: (client, key) => answer(client.query({ name: 'named', text: `${UPSERT} returning hits`, values: [key] })),
  },
  'with a callback': { send: called },
  'by events': { send: byEvents },
  'of several rows': {
    send: (client, key) =>
      answer(client.query(`${UPSERT.replace('($1)', '($1), ($2)')} returning login, hits`, [key, `x${key}`])),
  },
  'of a query': {
    send: (client, key) =>
      answer(client.query(UPSERT.replace('values ($1)', 'select k from unnest($1::text[]) k'), [[key]])),
  },
  'within a CTE': {
    send: (client, key) =>
      answer(client.query(`with x as (${UPSERT} returning login, hits) select hits, login from x`, [key])),
  },
  'in a text of two': {
    send: (client, key) => answer(client.query(`select 1 as one; ${UPSERT.replace('$1', `'${key}'`)} returning hits`)),
  },
  'that is explained': {
    send: (client, key) => client.query(`explain analyze ${UPSERT.replace('$1', `'${key}'`)}`).then(() => undefined),
  },
  'that was prepared': { send: prepared },
  'that does nothing': {
    send: (client, key) => answer(client.query(`${add('accounts', 'login')} (login) do nothing returning hits`, [key])),
  },
  'by the name of the constraint': {
    send: (client, key) =>
      answer(
        client.query(
          `${add('accounts', 'login')} on constraint accounts_login_key ${count('accounts')} returning hits`,
          [key],
        ),
      ),
  },
  'by a partial index': {
    table: ['codes', 'code'],
    send: (client, key) =>
      answer(client.query(`${add('codes', 'code')} (code) where active ${count('codes')} returning *`, [key])),
  },
  'by an expression': {
    table: ['slugs', 'slug'],
    send: (client, key) =>
      answer(client.query(`${add('slugs', 'slug')} (lower(slug)) ${count('slugs')} returning *`, [key])),
  },
  'by an exclusion constraint': {
    table: ['rooms', 'room'],
    send: (client, key) =>
      answer(
        client.query(
          `${add('rooms', 'room')} on conflict on constraint rooms_room_excl do nothing`.replace(
            'on conflict on conflict',
            'on conflict',
          ),
          [key],
        ),
      ),
  },
  'into a partitioned table': {
    table: ['seats', 'seat'],
    send: (client, key) =>
      answer(
        client.query(
          `insert into seats (event, seat) values (1, $1) on conflict (event, seat) ${count('seats')} returning *`,
          [key],
        ),
      ),
  },
  'into a partition': {
    table: ['seats_1', 'seat'],
    send: (client, key) =>
      answer(
        client.query(
          `insert into seats_1 (event, seat) values (1, $1) on conflict (event, seat) ${count('seats_1')} returning *`,
          [key],
        ),
      ),
  },
}

/** What brings about that the row is there: the same key, by a session of its own. */
export const overtaking = (
  key: string,
  [table, column]: readonly [string, string] = ['accounts', 'login'],
): [text: string, values: string[]] =>
  table.startsWith('seats')
    ? [`insert into ${table} (event, seat) values (1, $1)`, [key]]
    : [`insert into ${table} (${column}) values ($1)`, [key]]
