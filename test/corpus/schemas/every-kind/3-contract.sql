-- A key has to stand on a column that is written. All else stays as it is.
alter table tickets drop constraint tickets_pkey, alter column id drop not null, add primary key (number);
