import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

/**
 * Days that pass in a moment: everything that the control schema of this throw-away database has recorded is moved as far into the past,
 * but for the signs of life of processes, which go on. Nobody does this to a database that matters.
 */
export async function letDaysPass(db: Client, days: number): Promise<void> {
  await db.query(`begin; ${CLOCK}; ${leap(days)}; commit`)
  // Until each process has reported once more: when it read an old column last is reported anew each time.
  const waiting = `select from expand_contract.instances, (select max(at) from demo_clock.leaps) l(at)
    where heartbeat_at < l.at and left_at is null`
  const started = performance.now()
  while ((await db.query(waiting)).rows.length > 0) {
    if (performance.now() - started > LONGEST_MS)
      throw new Error('A process of the application has not reported for a minute: the days cannot pass.')
    await sleep(100)
  }
}

const LONGEST_MS = 60_000

/** What a process reports of the time before a leap lies before the leap. */
const CLOCK = `
  create schema if not exists demo_clock;
  create table if not exists demo_clock.leaps (at timestamptz not null default clock_timestamp(), by interval not null);
  create or replace function demo_clock.moved(seen timestamptz) returns timestamptz language sql stable as
    $$ select seen - coalesce(sum(by), '0') from demo_clock.leaps where at > seen $$;
  create or replace function demo_clock.move_reads() returns trigger language plpgsql as $$ begin
    new.reads := (select coalesce(jsonb_object_agg(key, value || case when value ->> 'lastOldAt' is null then '{}'::jsonb
        else jsonb_build_object('lastOldAt', demo_clock.moved((value ->> 'lastOldAt')::timestamptz)) end), '{}')
      from jsonb_each(new.reads));
    return new; end $$;
  create or replace trigger move_reads before insert or update of reads on expand_contract.instances
    for each row execute function demo_clock.move_reads()`

const leap = (days: number): string => `
  do $$ declare each record; begin
    for each in select relname, string_agg(format('%1$I = %1$I - interval %2$L', attname, '${days} days'), ', ') as moved
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      where relnamespace = 'expand_contract'::regnamespace and relkind = 'r' and atttypid = 'timestamptz'::regtype
        and not attisdropped and relname <> 'leases' and attname <> 'heartbeat_at' group by relname order by relname
    loop execute format('update expand_contract.%I set ', each.relname) || each.moved; end loop;
  end $$;
  insert into demo_clock.leaps (by) values ('${days} days')`
