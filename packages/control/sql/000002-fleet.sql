-- breaking: no
-- Updated every few seconds: free room in each page, and no index on what changes, keep these updates within their page.
create table :schema.instances (
  id text primary key check (id <> '' and octet_length(id) <= 1000),
  application text not null,
  app_version text,
  library_version text not null,
  host text,
  role text not null,
  lease_ms integer not null check (lease_ms >= 0),
  every_ms integer not null check (every_ms > 0),
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  left_at timestamptz,
  acknowledged jsonb not null default '{}' check (jsonb_typeof(acknowledged) = 'object'),
  declarations jsonb not null default '{}' check (jsonb_typeof(declarations) = 'object'),
  reads jsonb not null default '{}' check (jsonb_typeof(reads) = 'object')
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);
comment on table :schema.instances is 'The processes of the application. One that is gone stays until it is pruned: when it read the old column last still counts.';
comment on column :schema.instances.id is 'The name of the process: a pod, or host and number.';
comment on column :schema.instances.application is 'The application it belongs to.';
comment on column :schema.instances.app_version is 'The version of that.';
comment on column :schema.instances.library_version is 'The version of expand-contract in it.';
comment on column :schema.instances.host is 'The machine it runs on.';
comment on column :schema.instances.role is 'The role that it logs in with; no other may write its row.';
comment on column :schema.instances.lease_ms is 'How old its knowledge of columns and phases may be, in milliseconds; the longest of its leases.';
comment on column :schema.instances.every_ms is 'How often it writes its heartbeat, in milliseconds.';
comment on column :schema.instances.started_at is 'When it joined.';
comment on column :schema.instances.heartbeat_at is 'Its last sign of life, by the clock of the server.';
comment on column :schema.instances.left_at is 'When it said that it ends.';
comment on column :schema.instances.acknowledged is 'The epoch that it follows, by migration; a migration that is missing is not declared in it, or its phase does not come from this schema.';
comment on column :schema.instances.declarations is 'The hash of its declaration, by migration.';
comment on column :schema.instances.reads is 'By migration: statements since it joined that read each side (old, new), those per second in the last interval (oldRate, newRate), and when it read the old column last (lastOldAt).';

create table :schema.statements (
  migration text not null check (migration <> ''),
  fingerprint text not null,
  application text not null,
  side text not null check (side in ('old', 'new', '')),
  outcome text not null check (outcome in ('unchanged', 'rewritten', 'kept', 'refused')),
  reason text not null default '',
  kind text not null,
  message text,
  text text,
  count bigint not null check (count > 0),
  first_seen timestamptz not null default clock_timestamp(),
  last_seen timestamptz not null default clock_timestamp(),
  last_instance text not null,
  primary key (migration, fingerprint, application, side, outcome, reason)
) with (fillfactor = 70, vacuum_truncate = off);
comment on table :schema.statements is 'The shapes of statements on migrating tables, as the applications sent them.';
comment on column :schema.statements.migration is 'The migration whose table it names.';
comment on column :schema.statements.fingerprint is 'The same for statements that differ in values alone; empty for one that could not be parsed.';
comment on column :schema.statements.application is 'Who sent it.';
comment on column :schema.statements.side is 'The side that it read; empty where it reads neither.';
comment on column :schema.statements.outcome is 'unchanged, rewritten, kept on the old side, or refused.';
comment on column :schema.statements.reason is 'Why it was kept or refused: the code; empty otherwise.';
comment on column :schema.statements.kind is 'SELECT, INSERT, ...';
comment on column :schema.statements.message is 'The reason in words.';
comment on column :schema.statements.text is 'The text, with a parameter in place of each value.';
comment on column :schema.statements.count is 'How often it was sent.';
comment on column :schema.statements.first_seen is 'When it was recorded first.';
comment on column :schema.statements.last_seen is 'When it was recorded last.';
comment on column :schema.statements.last_instance is 'The process that sent it last.';

-- What an application may write, and all of it: its own row, and what it has sent. Answers the epochs.
create function :schema.report(report jsonb) returns jsonb
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  with said as (
    select r.* from jsonb_to_record($1) as r(id text, application text, app_version text, library_version text, host text,
      lease_ms integer, every_ms integer, leaving boolean, acknowledged jsonb, declarations jsonb, reads jsonb, statements jsonb)
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
  )
  select jsonb_build_object('accepted', exists (select from heartbeat), 'recorded', (select count(*) from recorded),
    'installation', (select n.id || ':' || d.oid from :schema.installation n, pg_database d where d.datname = current_database()),
    'epochs', coalesce((select jsonb_object_agg(m.id, m.epoch) from :schema.migrations m), '{}'::jsonb));
end;
revoke all on function :schema.report(jsonb) from public;
comment on function :schema.report(jsonb) is 'The heartbeat of a process, with the statements that it has sent. Runs as the owner of the schema, and writes the row of the role that calls it alone.';
