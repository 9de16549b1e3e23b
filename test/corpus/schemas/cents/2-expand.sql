alter table invoices add column amount_n numeric(12,2);
update invoices set amount_n = amount::numeric / 100;
