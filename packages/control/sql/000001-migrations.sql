-- breaking: no
-- Applications read these tables ahead of their own statements, so nothing may lock them for long: a VACUUM that gives empty pages
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
