create table accounts (id serial primary key, login text constraint accounts_login_key unique, logins int not null default 0);
insert into accounts (login) values ('ada'), ('grace');
