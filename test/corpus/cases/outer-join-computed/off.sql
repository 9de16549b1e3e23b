SELECT o.user_id, i.amount FROM (VALUES (1, 1), (2, 9)) o (user_id, invoice_id) LEFT JOIN invoices i ON i.id = o.invoice_id
