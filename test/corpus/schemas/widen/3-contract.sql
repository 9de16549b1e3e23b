alter table orders alter column quantity_big set not null, alter column quantity_big set default 1;
alter table orders alter column quantity drop not null, alter column quantity drop default;
