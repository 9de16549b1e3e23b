UPDATE orders SET "amount" = ((("orders"."amount"::bigint) + 1)::bigint)::"pg_catalog"."int4"
