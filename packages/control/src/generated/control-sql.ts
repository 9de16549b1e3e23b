// Generated from packages/control/sql by `pnpm control:sql`. Do not edit.
// Longer than 300 lines: it is made of all files.
import type { ControlFile } from '../install/control-file.ts'

export const CONTROL_FILES: readonly ControlFile[] = [
  {
    version: 1,
    name: 'migrations',
    breaking: false,
    sql: `-- Applications read these tables ahead of their own statements, so nothing may lock them for long: a VACUUM that gives empty pages
-- back takes ACCESS EXCLUSIVE for it.
create table :schema.installation (
  id uuid not null default gen_random_uuid(),
  one boolean primary key default true check (one)
) with (vacuum_truncate = off);
comment on table :schema.installation is 'One row: tells this installation from that of another database.';
comment on column :schema.installation.id is 'The same on a physical replica, another in every other database.';
comment on column :schema.installation.one is 'Keeps it to one row.';
insert into :schema.installation default values;

create table :schema.migrations (
  id text primary key check (id <> '' and octet_length(id) <= 1000),
  table_schema text check (table_schema <> ''),
  table_name text not null check (table_name <> ''),
  phase text not null check (phase in ('off', 'expand', 'switch', 'contract')),
  epoch bigint not null default 1 check (epoch > 0),
  declaration_hash text not null check (declaration_hash <> ''),
  declaration jsonb not null,
  old_positions jsonb not null default '{}' check (jsonb_typeof(old_positions) = 'object'),
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  changed_at timestamptz not null default clock_timestamp(),
  changed_by text not null
) with (vacuum_truncate = off);
comment on table :schema.migrations is 'One row for each migration that has begun. Applications read id, phase and epoch with the columns of their tables.';
comment on column :schema.migrations.id is 'The id of the declaration: users.full_name.';
comment on column :schema.migrations.table_schema is 'The schema of the table as declared; null where the search path decides.';
comment on column :schema.migrations.table_name is 'The table as declared.';
comment on column :schema.migrations.phase is 'off, expand, switch or contract.';
comment on column :schema.migrations.epoch is 'Raised with every change of the phase, and by whatever makes an earlier verification or acknowledgement void.';
comment on column :schema.migrations.declaration_hash is 'Of the declaration that the migration was begun with.';
comment on column :schema.migrations.declaration is 'That declaration.';
comment on column :schema.migrations.old_positions is 'Where the old columns stood, by relation: {"public.users": {"name": 2}}. A dropped column leaves no name.';
comment on column :schema.migrations.created_at is 'When the row was made.';
comment on column :schema.migrations.created_by is 'Who made it, such as dana@ops-2.';
comment on column :schema.migrations.changed_at is 'When phase or epoch changed last.';
comment on column :schema.migrations.changed_by is 'Who changed it.';

create table :schema.events (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  migration text,
  kind text not null check (kind <> ''),
  who text not null,
  role text not null default session_user,
  host text,
  version text,
  figures jsonb not null default '{}' check (jsonb_typeof(figures) = 'object')
);
create index events_migration on :schema.events (migration, id);
comment on table :schema.events is 'The timeline. Rows are added, and never changed.';
comment on column :schema.events.id is 'Their order.';
comment on column :schema.events.at is 'By the clock of the server.';
comment on column :schema.events.migration is 'The migration; null for what concerns all of them. Not a foreign key: the timeline outlives its migration.';
comment on column :schema.events.kind is 'What happened: phase, backfill-started, verified, ...';
comment on column :schema.events.who is 'Who did it, such as dana@ops-2 or trigger.';
comment on column :schema.events.role is 'The role that was logged in.';
comment on column :schema.events.host is 'The machine that it was done from.';
comment on column :schema.events.version is 'The version of expand-contract that did it.';
comment on column :schema.events.figures is 'Counts, durations, from and to; never a value of a row.';

create table :schema.leases (
  migration text primary key check (migration <> ''),
  token uuid not null,
  operation text not null,
  who text not null,
  host text,
  version text,
  acquired_at timestamptz not null default clock_timestamp(),
  until timestamptz not null
) with (fillfactor = 50, vacuum_truncate = off);
comment on table :schema.leases is 'Which operator works at a migration. A row and not an advisory lock of the session, which a pooler would hand to others.';
comment on column :schema.leases.migration is 'The migration.';
comment on column :schema.leases.token is 'Proves to every later statement that the lease is still the same.';
comment on column :schema.leases.operation is 'What is done: backfill.';
comment on column :schema.leases.who is 'Who does it.';
comment on column :schema.leases.host is 'From where.';
comment on column :schema.leases.version is 'With which version of expand-contract.';
comment on column :schema.leases.acquired_at is 'Since when.';
comment on column :schema.leases.until is 'When another may take it, unless it is renewed.';
`,
  },
  {
    version: 2,
    name: 'fleet',
    breaking: false,
    sql: `-- Updated every few seconds: free room in each page, and no index on what changes, keep these updates within their page.
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
`,
  },
  {
    version: 3,
    name: 'data',
    breaking: false,
    sql: `create table :schema.backfills (
  migration text primary key references :schema.migrations (id) on delete cascade,
  workers integer not null default 1 check (workers > 0),
  rate double precision check (rate > 0),
  profile text not null default 'gentle' check (profile in ('gentle', 'fast')),
  paused boolean not null default false,
  reason text,
  paused_by text,
  changed_at timestamptz not null default clock_timestamp(),
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  check (paused or paused_by is null)
);
comment on table :schema.backfills is 'The backfill of a migration, and what an operator says to it from another terminal.';
comment on column :schema.backfills.migration is 'The migration.';
comment on column :schema.backfills.workers is 'How many workers are wanted.';
comment on column :schema.backfills.rate is 'Rows per second at most; null for no limit.';
comment on column :schema.backfills.profile is 'gentle or fast.';
comment on column :schema.backfills.paused is 'An operator has paused it.';
comment on column :schema.backfills.reason is 'Why it is paused, or waits.';
comment on column :schema.backfills.paused_by is 'Who paused it.';
comment on column :schema.backfills.changed_at is 'When an operator changed it last.';
comment on column :schema.backfills.started_at is 'When it began.';
comment on column :schema.backfills.finished_at is 'When the last range was done.';

create table :schema.backfill_ranges (
  migration text not null references :schema.backfills (migration) on delete cascade,
  relation text not null,
  part integer not null default 0 check (part >= 0),
  relfilenode bigint not null,
  first_block bigint not null check (first_block >= 0),
  end_block bigint not null check (end_block >= first_block),
  cursor_block bigint not null check (cursor_block between first_block and end_block),
  rows bigint not null default 0 check (rows >= 0),
  lease_token uuid,
  lease_until timestamptz,
  worker text,
  started_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (migration, relation, part)
) with (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
comment on table :schema.backfill_ranges is 'Ranges of blocks of the table and of each partition or child. The cursor is written in the transaction of the rows below it.';
comment on column :schema.backfill_ranges.migration is 'The migration.';
comment on column :schema.backfill_ranges.relation is 'The table, partition or child: public.users.';
comment on column :schema.backfill_ranges.part is 'The number of the range; workers have ranges of their own.';
comment on column :schema.backfill_ranges.relfilenode is 'The file that the blocks are of. When it is another, the table was rewritten, and the range begins again.';
comment on column :schema.backfill_ranges.first_block is 'The first block of the range.';
comment on column :schema.backfill_ranges.end_block is 'The block behind its last one, fixed when it began.';
comment on column :schema.backfill_ranges.cursor_block is 'All blocks before this one are done.';
comment on column :schema.backfill_ranges.rows is 'Rows that were filled.';
comment on column :schema.backfill_ranges.lease_token is 'The lease of the worker that has it.';
comment on column :schema.backfill_ranges.lease_until is 'When another worker may take it.';
comment on column :schema.backfill_ranges.worker is 'Who has it.';
comment on column :schema.backfill_ranges.started_at is 'When it was made.';
comment on column :schema.backfill_ranges.changed_at is 'When the cursor moved last.';
comment on column :schema.backfill_ranges.finished_at is 'When its end was reached.';

create table :schema.backfill_failures (
  id bigint generated always as identity primary key,
  migration text not null references :schema.backfills (migration) on delete cascade,
  relation text not null,
  key jsonb not null,
  class text not null,
  at timestamptz not null default clock_timestamp(),
  unique (migration, relation, key)
);
comment on table :schema.backfill_failures is 'Rows that could not be filled.';
comment on column :schema.backfill_failures.id is 'Their order.';
comment on column :schema.backfill_failures.migration is 'The migration.';
comment on column :schema.backfill_failures.relation is 'The table, partition or child.';
comment on column :schema.backfill_failures.key is 'The primary key of the row, or its ctid; no other value of it.';
comment on column :schema.backfill_failures.class is 'The SQLSTATE: 22P02.';
comment on column :schema.backfill_failures.at is 'When it was met.';

create table :schema.verifications (
  id bigint generated always as identity primary key,
  migration text not null references :schema.migrations (id) on delete cascade,
  epoch bigint not null,
  started_at timestamptz not null,
  ended_at timestamptz not null default clock_timestamp(),
  rows bigint not null check (rows >= 0),
  counts jsonb not null default '{}' check (jsonb_typeof(counts) = 'object'),
  samples jsonb not null default '{}' check (jsonb_typeof(samples) = 'object'),
  triggers jsonb not null default '{}' check (jsonb_typeof(triggers) = 'object'),
  clean boolean not null,
  who text not null,
  check (ended_at >= started_at)
);
create index verifications_migration on :schema.verifications (migration, id);
comment on table :schema.verifications is 'Passes over all rows of a migration.';
comment on column :schema.verifications.id is 'Their order.';
comment on column :schema.verifications.migration is 'The migration.';
comment on column :schema.verifications.epoch is 'The epoch that it had when the pass began; a pass of an earlier epoch proves nothing.';
comment on column :schema.verifications.started_at is 'When the first row was looked at.';
comment on column :schema.verifications.ended_at is 'When the last one was.';
comment on column :schema.verifications.rows is 'How many were looked at.';
comment on column :schema.verifications.counts is 'Rows that differ, by class: {"new_missing": 12}.';
comment on column :schema.verifications.samples is 'Keys of some of them, by class; no other values.';
comment on column :schema.verifications.triggers is 'The state of the sync trigger on each member throughout, and the hash of its function.';
comment on column :schema.verifications.clean is 'No row differs, and the trigger was on throughout.';
comment on column :schema.verifications.who is 'Who ran it.';
`,
  },
  {
    version: 4,
    name: 'last-stage',
    breaking: false,
    sql: `-- A library that does not know a phase goes by the columns, and behind contract the new one is the only one of its name.
alter table :schema.migrations drop constraint migrations_phase_check;
alter table :schema.migrations add constraint migrations_phase_check
  check (phase in ('off', 'expand', 'switch', 'contract', 'hold', 'dropped'));
alter table :schema.migrations add column contracted jsonb not null default '{}' check (jsonb_typeof(contracted) = 'object');
comment on column :schema.migrations.phase is 'off, expand, switch, contract, hold or dropped.';
comment on column :schema.migrations.contracted is 'What contract took from the old columns, for the way back: defaults, NOT NULL, identities, sequences.';

create table :schema.soaks (
  migration text primary key references :schema.migrations (id) on delete cascade,
  since timestamptz,
  looked_at timestamptz not null default clock_timestamp(),
  bypassed bigint not null default 0,
  silent jsonb not null default '{}' check (jsonb_typeof(silent) = 'object')
);
comment on table :schema.soaks is 'How long a migration has soaked: time in which production read the new column only. Why it began again stands in events, as soak-restarted.';
comment on column :schema.soaks.migration is 'The migration.';
comment on column :schema.soaks.since is 'Since when nothing has started it again; null while it does not run.';
comment on column :schema.soaks.looked_at is 'When the evidence was looked at last.';
comment on column :schema.soaks.bypassed is 'What the counter of bypassing writers stood at then.';
comment on column :schema.soaks.silent is 'Processes that were silent then, and since when.';

create table :schema.backups (
  id bigint generated always as identity primary key,
  migration text not null check (migration <> ''),
  epoch bigint not null check (epoch > 0),
  path text check (path <> ''),
  evidence text check (evidence <> ''),
  rows bigint not null check (rows >= 0),
  bytes bigint not null check (bytes >= 0),
  sha256 text check (sha256 <> ''),
  taken_at timestamptz not null default clock_timestamp(),
  restored_at timestamptz,
  equal boolean,
  who text not null,
  figures jsonb not null default '{}' check (jsonb_typeof(figures) = 'object'),
  check (num_nonnulls(path, evidence) > 0),
  check ((restored_at is null) = (equal is null))
);
create index backups_migration on :schema.backups (migration, id);
comment on table :schema.backups is 'Backups of old columns. One counts when it was restored into a scratch table and compared, row by row.';
comment on column :schema.backups.id is 'Their order.';
comment on column :schema.backups.migration is 'The migration. Not a foreign key: a backup outlives it.';
comment on column :schema.backups.epoch is 'The epoch in which it was taken.';
comment on column :schema.backups.path is 'The file, as the command was given it.';
comment on column :schema.backups.evidence is 'What an operator''s own command said of it.';
comment on column :schema.backups.rows is 'How many rows it has.';
comment on column :schema.backups.bytes is 'How large the file is.';
comment on column :schema.backups.sha256 is 'Of the file.';
comment on column :schema.backups.taken_at is 'When it was finished.';
comment on column :schema.backups.restored_at is 'When it was restored and compared last; null: never.';
comment on column :schema.backups.equal is 'Every row came back as it is in the table.';
comment on column :schema.backups.who is 'Who took it.';
comment on column :schema.backups.figures is 'Counts, durations, and what is lost by a mapping; never a value of a row.';
`,
  },
  {
    version: 5,
    name: 'runs',
    breaking: false,
    sql: `create table :schema.runs (
  migration text not null references :schema.migrations (id) on delete cascade,
  operation text not null check (operation <> ''),
  lease_token uuid not null,
  serial bigint not null default 0 check (serial >= 0),
  cursor jsonb not null,
  worker text not null,
  started_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (migration, operation, lease_token)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
comment on table :schema.runs is 'How far an operation is that is done in steps: verify, repair. Gone a day after its last step.';
comment on column :schema.runs.migration is 'The migration.';
comment on column :schema.runs.operation is 'verify or repair.';
comment on column :schema.runs.lease_token is 'Of the lease under which it runs; two workers that have one token work at one run.';
comment on column :schema.runs.serial is 'Raised with each step, so that of two workers that do the same one counts.';
comment on column :schema.runs.cursor is 'Where it goes on, and what it has counted. Keys of rows that differ, and no other value.';
comment on column :schema.runs.worker is 'Who has begun it.';
comment on column :schema.runs.started_at is 'When it began.';
comment on column :schema.runs.changed_at is 'When it was at its last step.';
comment on column :schema.runs.finished_at is 'When it reached its end.';
`,
  },
  {
    version: 6,
    name: 'latencies',
    breaking: false,
    sql: `-- Each row is a place for one quarter of an hour in two hundred, which is taken again by the next of its number: so a stage is known by
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
`,
  },
  {
    version: 7,
    name: 'lease-pid',
    breaking: false,
    sql: `alter table :schema.leases add column pid integer check (pid > 0);
comment on column :schema.leases.pid is 'The number of its process on that host.';
`,
  },
]
