SELECT id FROM orders WHERE ("orders"."amount_big"::integer) + 1 = $1
