-- breaking: no
create table :schema.runs (
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
