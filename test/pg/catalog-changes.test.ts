import { type Migration, renameColumn } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { databaseForTests } from '../support/database-for-tests.ts'
import { postgresMajors } from '../support/postgres.ts'
import { loaderOf } from './load-catalog.ts'
import { RICH_SCHEMA } from './rich-schema.ts'

const ID: Migration = renameColumn({ table: 'crm.users', from: 'name', to: 'full_name' })

describe.each(postgresMajors())('PostgreSQL %i: what is noticed of a change', (major) => {
  const database = databaseForTests(major, RICH_SCHEMA)
  const load = loaderOf(database)

  test('every relevant change is noticed by the stamp, and others are not', async () => {
    const events = renameColumn({ table: 'events', from: 'body', to: 'text' })
    const notes = renameColumn({ table: 'notes', from: 'body', to: 'text' })
    const { snapshot, renew } = await load([ID, events, notes], [['crm', 'people']])
    expect(await renew()).toBe(false)
    expect(snapshot.stamp).toBeDefined()
    const changes = [
      'alter table crm.users add full_name text',
      'alter table crm.users alter full_name set not null',
      'alter table crm.users alter full_name drop not null',
      "alter table crm.users alter full_name set default 'y'",
      'alter table crm.users alter full_name type varchar(10)',
      'create unique index later on crm.users (full_name)',
      'drop index crm.later',
      'alter table crm.users enable trigger d_disabled',
      'create or replace function crm.lower_name() returns trigger language plpgsql as $f$ begin NEW.label := 1; return new; end $f$',
      'drop trigger a_lower on crm.users',
      'create view crm.later as select id from crm.users',
      'create view crm.latest as select id from crm.later',
      'alter view crm.latest rename to newest',
      'create or replace view crm.people as select id, name, amount from crm.users',
      "create table events_2023 partition of events for values from ('2023-01-01') to ('2024-01-01')",
      'alter table events detach partition events_2023',
      'alter type crm."Kind" rename to "Sort"',
      'alter table crm.users drop full_name',
      'alter table crm.users rename to people_table',
      'alter table crm.people_table rename to users',
      'alter table "Odd ""schema""".events_2021_a disable trigger p_deep',
      'alter table notes disable rule kept_long',
      'alter table notes enable rule kept_long',
      'drop rule kept_long on notes',
      'alter table notes add order_id int references orders on delete set null',
      'alter table orders add constraint placed foreign key (place) references places on delete cascade',
      'alter table orders drop constraint placed',
      'drop table events cascade',
      'create table events (body text)',
    ]
    for (const change of changes) {
      await database.client.query(change)
      expect([change, await renew()]).toEqual([change, true])
      expect([change, await renew()]).toEqual([change, false])
    }
    const nothing = [
      "insert into orders values (1, 'x')",
      'analyze crm.users',
      'vacuum crm.users',
      'create table unrelated (id int)',
      'comment on table crm.users is $$x$$',
    ]
    for (const change of nothing) {
      await database.client.query(change)
      expect([change, await renew()]).toEqual([change, false])
    }
  })
})
