-- breaking: no
create table :schema.backfills (
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
