UPDATE orders SET amount_big = ("orders"."amount"::bigint) + 1, "amount" = ((("orders"."amount"::bigint) + 1)::bigint)::"pg_catalog"."int4"
