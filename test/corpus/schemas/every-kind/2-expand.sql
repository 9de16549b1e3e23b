alter table users add column full_name varchar(50) constraint users_full_name_key unique;
alter table orders add column amount_big bigint;
alter table people add column first_name text, add column last_name text;
alter table places add column address text;
alter table tokens add column api_key uuid;
alter table shouts add column shout text;
alter table labels add column tags text[];
alter table tickets add column number bigint;
