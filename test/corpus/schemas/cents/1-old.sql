create table invoices (id serial primary key, customer text, amount int);
insert into invoices (customer, amount) values ('ada', 125), ('grace', 4000);
