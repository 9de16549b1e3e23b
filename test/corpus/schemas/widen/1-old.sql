create table orders (id serial primary key, user_id int, quantity int not null default 1);
insert into orders (user_id, quantity) values (1, 5), (2, 7);
