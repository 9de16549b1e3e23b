SELECT ("orders"."amount"::bigint) AS "amount_big" FROM orders WHERE "orders"."amount" = COALESCE($1, NULL::"pg_catalog"."int8")
