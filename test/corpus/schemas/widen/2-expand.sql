alter table orders add column quantity_big bigint;
update orders set quantity_big = quantity;
