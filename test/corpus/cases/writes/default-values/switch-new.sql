INSERT INTO orders ("amount_big") VALUES (((0)::integer)::"pg_catalog"."int8") RETURNING id, ("orders"."amount_big"::integer) AS "amount"
