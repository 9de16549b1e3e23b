create table tokens (id serial primary key, secret uuid not null default gen_random_uuid(), note text);
insert into tokens (note) values ('first');
