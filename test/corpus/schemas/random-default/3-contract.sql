alter table tokens alter column secret_key set not null, alter column secret_key set default gen_random_uuid();
alter table tokens alter column secret drop not null, alter column secret drop default;
