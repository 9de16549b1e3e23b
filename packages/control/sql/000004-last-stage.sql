-- breaking: no
-- A library that does not know a phase goes by the columns, and behind contract the new one is the only one of its name.
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
