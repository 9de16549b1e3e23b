create table visits (id serial primary key, day date not null, hour time not null, page text);
insert into visits (day, hour, page) values ('2024-02-29', '12:30', '/'), ('2024-03-01', '08:00', '/about');
