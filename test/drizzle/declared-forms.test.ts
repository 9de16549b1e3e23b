import { createRuntime, fixedFlags } from '@expand-contract/core'
import { merging, migrating, migrationsOf, splitting } from '@expand-contract/drizzle'
import { instrumentedPool } from '@expand-contract/pg'
import { and, desc, eq, gt } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { date, integer, pgTable, text, time, timestamp, varchar } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { queryServer } from '../support/query-server.ts'
import { readSwitch } from '../support/read-switch.ts'

const id = () => integer('id').primaryKey().generatedAlwaysAsIdentity()

/** A column that the code knows by its new name already, one that becomes two, and two that become one. */
const visits = pgTable('visits', {
  id: id(),
  roomName: migrating(varchar('room', { length: 20 }).notNull(), {
    to: text('room_name').notNull(),
    app: 'new',
    flag: 'room',
  }),
  guest: splitting(text('guest').notNull(), {
    to: { first_name: text().notNull(), last_name: text().notNull() },
    forward: { first_name: "split_part(guest, ' ', 1)", last_name: "substr(guest, strpos(guest, ' ') + 1)" },
    backward: "concat_ws(' ', first_name, last_name)",
    flag: 'guest',
  }),
  ...merging(
    { day: date('day').notNull(), hour: time('hour').notNull() },
    {
      to: timestamp('seen_at').notNull(),
      forward: 'day + hour',
      backward: { day: 'seen_at::date', hour: 'seen_at::time' },
      flag: 'seen',
    },
  ),
})

const OLD = `
create table visits (id int generated always as identity primary key, room varchar(20) not null, guest text not null,
  day date not null, hour time not null);
insert into visits (room, guest, day, hour) values ('Blue', 'Ada Lovelace', '2024-05-01', '10:00');`
const BOTH = `${OLD}
alter table visits add room_name text, add first_name text, add last_name text, add seen_at timestamp;
update visits set room_name = room, first_name = split_part(guest, ' ', 1), last_name = substr(guest, strpos(guest, ' ') + 1),
  seen_at = day + hour;`
const NEW = `${BOTH} alter table visits drop room, drop guest, drop day, drop hour;`
const PARTED = `select id from visits where (room_name, first_name || ' ' || last_name, seen_at) is distinct from
  (room::text, guest, day + hour)`

const STAGES = [
  { stage: 'the old columns', sql: OLD, on: true },
  { stage: 'both, flags off', sql: BOTH, on: false },
  { stage: 'both, flags on', sql: BOTH, on: true },
  { stage: 'the new columns', sql: NEW, on: false },
]

async function run(major: PostgresMajor, sql: string, on: boolean) {
  const database = await createDatabase(major, { sql })
  const migrations = migrationsOf({ visits })
  const flags = fixedFlags({ room: on, guest: on, seen: on })
  const runtime = await createRuntime({ migrations, flags, phases: readSwitch(migrations) })
  const pool = instrumentedPool(runtime, { connectionString: database.url })
  const db = drizzle({ client: pool, schema: { visits } })
  try {
    return {
      added: await db
        .insert(visits)
        .values([
          { roomName: 'Red', guest: 'Alan Turing', day: '2024-05-02', hour: '09:30' },
          { roomName: 'Red', guest: 'Grace Hopper', day: '2024-05-03', hour: '11:00' },
        ])
        .returning(),
      moved: await db.update(visits).set({ day: '2024-06-01' }).where(eq(visits.guest, 'Alan Turing')).returning(),
      renamed: await db
        .update(visits)
        .set({ roomName: 'Green', guest: 'Ada King' })
        .where(and(eq(visits.roomName, 'Blue'), eq(visits.hour, '10:00')))
        .returning({ room: visits.roomName, guest: visits.guest }),
      found: await db.query.visits.findMany({ where: gt(visits.day, '2024-05-01'), orderBy: desc(visits.guest) }),
      removed: await db.delete(visits).where(eq(visits.guest, 'Grace Hopper')).returning({ id: visits.id }),
      parted: sql === BOTH ? (await queryServer(database.url, PARTED)).rows : [],
    }
  } finally {
    await pool.end()
    await runtime.close()
    await database.drop()
  }
}

const turing = { id: 2, roomName: 'Red', guest: 'Alan Turing', day: '2024-06-01', hour: '09:30:00' }
const hopper = { id: 3, roomName: 'Red', guest: 'Grace Hopper', day: '2024-05-03', hour: '11:00:00' }

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  test.each(STAGES)("app: 'new', splitting and merging: $stage", async ({ sql, on }) => {
    expect(await run(major, sql, on)).toEqual({
      added: [{ ...turing, day: '2024-05-02' }, hopper],
      moved: [turing],
      renamed: [{ room: 'Green', guest: 'Ada King' }],
      found: [hopper, turing],
      removed: [{ id: 3 }],
      parted: [],
    })
  })
})
