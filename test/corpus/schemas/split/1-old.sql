create table people (id serial primary key, name text, city text);
insert into people (name, city) values ('Ada Lovelace', 'London'), ('Grace Hopper', 'New York');
