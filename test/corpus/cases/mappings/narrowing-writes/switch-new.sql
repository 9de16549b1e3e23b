UPDATE orders SET amount_big = amount_big + 1, "amount" = ((amount_big + 1)::bigint)::"pg_catalog"."int4"
