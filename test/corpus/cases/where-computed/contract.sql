SELECT id FROM invoices WHERE ((("invoices"."amount_n" * 100)::int)::integer) >= $1 AND customer = $2
