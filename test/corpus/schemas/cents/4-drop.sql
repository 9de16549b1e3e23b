alter table invoices drop column amount;
