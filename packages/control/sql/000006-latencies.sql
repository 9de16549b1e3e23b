-- breaking: no
-- Each row is a place for one quarter of an hour in two hundred, which is taken again by the next of its number: so a stage is known by
-- its last 50 hours, however long ago they are, and the table does not grow.
create table :schema.latencies (
  migration text not null check (migration <> ''),
  phase text not null check (phase in ('off', 'expand', 'switch', 'contract', 'hold', 'dropped')),
  side text not null check (side in ('old', 'new')),
  kind text not null check (kind in ('read', 'write')),
  slot smallint not null check (slot between 0 and 199),
  began_at timestamptz not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  count bigint not null check (count > 0),
  counts bigint[] not null check (cardinality(counts) between 1 and 512),
  primary key (migration, phase, side, kind, slot)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);
comment on table :schema.latencies is 'How long statements on migrating tables took, from when they were sent to when their answer had arrived, as the processes of the fleet have counted.';
comment on column :schema.latencies.migration is 'The migration whose table they name. Not a foreign key: before it begins they are counted as well.';
comment on column :schema.latencies.phase is 'The phase that they were planned in.';
comment on column :schema.latencies.side is 'The side that they read.';
comment on column :schema.latencies.kind is 'read or write.';
comment on column :schema.latencies.slot is 'The number of the quarter of an hour since 1970, modulo 200.';
comment on column :schema.latencies.began_at is 'When that quarter of an hour began.';
comment on column :schema.latencies.first_at is 'From when on processes have counted in it.';
comment on column :schema.latencies.last_at is 'Until when.';
comment on column :schema.latencies.count is 'How many statements.';
comment on column :schema.latencies.counts is 'How many by duration: 16 buckets for each doubling of a microsecond, empty ones at the end left out. Added up by sum_counts.';

create function :schema.add_counts(bigint[], bigint[]) returns bigint[]
language sql immutable parallel safe
begin atomic
  select coalesce(array_agg(coalesce(u.one, 0) + coalesce(u.other, 0) order by u.bucket), '{}')
  from unnest($1, $2) with ordinality as u(one, other, bucket);
end;
comment on function :schema.add_counts(bigint[], bigint[]) is 'Two histograms of latencies as one.';
create aggregate :schema.sum_counts(bigint[]) (sfunc = :schema.add_counts, stype = bigint[], initcond = '{}', combinefunc = :schema.add_counts, parallel = safe);
comment on aggregate :schema.sum_counts(bigint[]) is 'Histograms of latencies as one.';

-- As before, and with latencies. A process that knows nothing of them reports none.
create or replace function :schema.report(report jsonb) returns jsonb
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  with said as (
    select r.* from jsonb_to_record($1) as r(id text, application text, app_version text, library_version text, host text,
      lease_ms integer, every_ms integer, leaving boolean, acknowledged jsonb, declarations jsonb, reads jsonb, statements jsonb,
      latencies jsonb, latency_ms float8)
  ), side_reads as (
    select coalesce(jsonb_object_agg(e.key, (e.value - 'lastOldAgoMs') || case when (e.value ->> 'lastOldAgoMs') is null then '{}'::jsonb
        else jsonb_build_object('lastOldAt', clock_timestamp() - make_interval(secs => (e.value ->> 'lastOldAgoMs')::float8 / 1000)) end), '{}'::jsonb) as reads
    from said, jsonb_each(said.reads) e
  ), heartbeat as (
    insert into :schema.instances as i (id, application, app_version, library_version, host, role, lease_ms, every_ms,
      left_at, acknowledged, declarations, reads)
    select said.id, said.application, said.app_version, said.library_version, said.host, session_user, said.lease_ms,
      said.every_ms, case when said.leaving then clock_timestamp() end, said.acknowledged, said.declarations, side_reads.reads
    from said, side_reads
    on conflict (id) do update set application = excluded.application, app_version = excluded.app_version,
      library_version = excluded.library_version, host = excluded.host, lease_ms = excluded.lease_ms,
      every_ms = excluded.every_ms, heartbeat_at = clock_timestamp(), left_at = excluded.left_at,
      acknowledged = excluded.acknowledged, declarations = excluded.declarations, reads = excluded.reads
    where i.role = session_user
    returning i.id
  ), sent as (
    select s.*, said.application, said.id as instance
    from said join heartbeat on heartbeat.id = said.id, jsonb_to_recordset(said.statements) as s(migration text,
      fingerprint text, side text, outcome text, reason text, kind text, message text, text text, count bigint)
  ), recorded as (
    insert into :schema.statements as t (migration, fingerprint, application, side, outcome, reason, kind, message, text,
      count, last_instance)
    select sent.migration, sent.fingerprint, sent.application, sent.side, sent.outcome, sent.reason, sent.kind, sent.message,
      sent.text, sent.count, sent.instance
    from sent
    -- An application that invents shapes without end fills no disk.
    where exists (select from :schema.statements k where k.migration = sent.migration and k.fingerprint = sent.fingerprint
        and k.application = sent.application and k.side = sent.side and k.outcome = sent.outcome and k.reason = sent.reason)
      or (select count(*) from :schema.statements k where k.migration = sent.migration) < 5000
    -- In one order, so that two processes do not wait for each other.
    order by sent.migration, sent.fingerprint, sent.side, sent.outcome, sent.reason
    on conflict (migration, fingerprint, application, side, outcome, reason) do update
      set count = t.count + excluded.count, last_seen = clock_timestamp(), last_instance = excluded.last_instance,
        kind = excluded.kind, message = excluded.message, text = coalesce(excluded.text, t.text)
    returning 1
  ), took as (
    select l.migration, l.phase, l.side, l.kind, l.counts, (select sum(u.n) from unnest(l.counts) u(n))::bigint as count,
      w.began_at, greatest(w.began_at, w.now - make_interval(secs => coalesce(said.latency_ms, 0) / 1000)) as first_at, w.now as last_at,
      (floor(extract(epoch from w.now) / 900) % 200)::smallint as slot
    from said join heartbeat on heartbeat.id = said.id,
      (select n.now, to_timestamp((floor(extract(epoch from n.now) / 900) * 900)::float8) as began_at from (select clock_timestamp() as now offset 0) n) w,
      jsonb_to_recordset(coalesce(said.latencies, '[]')) as l(migration text, phase text, side text, kind text, counts bigint[])
    where l.migration <> '' and l.phase in ('off', 'expand', 'switch', 'contract', 'hold', 'dropped') and l.side in ('old', 'new')
      and l.kind in ('read', 'write') and cardinality(l.counts) between 1 and 512
  ), timed as (
    insert into :schema.latencies as t (migration, phase, side, kind, slot, began_at, first_at, last_at, count, counts)
    select took.migration, took.phase, took.side, took.kind, took.slot, took.began_at, took.first_at, took.last_at, took.count, took.counts
    from took
    -- Of a migration there are some thousands at most; one that invents migrations fills no disk.
    where took.count > 0 and (exists (select from :schema.latencies k where k.migration = took.migration)
      or (select count(*) from :schema.latencies) < 100000)
    order by took.migration, took.phase, took.side, took.kind
    on conflict (migration, phase, side, kind, slot) do update
      set began_at = excluded.began_at, last_at = excluded.last_at,
        first_at = case when t.began_at = excluded.began_at then least(t.first_at, excluded.first_at) else excluded.first_at end,
        count = case when t.began_at = excluded.began_at then t.count else 0 end + excluded.count,
        counts = case when t.began_at = excluded.began_at then :schema.add_counts(t.counts, excluded.counts) else excluded.counts end
  )
  select jsonb_build_object('accepted', exists (select from heartbeat), 'recorded', (select count(*) from recorded),
    'installation', (select n.id || ':' || d.oid from :schema.installation n, pg_database d where d.datname = current_database()),
    'epochs', coalesce((select jsonb_object_agg(m.id, m.epoch) from :schema.migrations m), '{}'::jsonb));
end;
comment on function :schema.report(jsonb) is 'The heartbeat of a process, with the statements that it has sent. Runs as the owner of the schema, and writes the row of the role that calls it alone.';
