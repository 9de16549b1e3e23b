SELECT id FROM invoices WHERE amount >= $1 AND customer = $2
