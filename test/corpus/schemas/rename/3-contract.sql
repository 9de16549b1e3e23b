alter table users alter column full_name set not null;
alter table users alter column name drop not null;
