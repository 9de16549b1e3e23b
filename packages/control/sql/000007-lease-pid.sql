-- breaking: no
alter table :schema.leases add column pid integer check (pid > 0);
comment on column :schema.leases.pid is 'The number of its process on that host.';
