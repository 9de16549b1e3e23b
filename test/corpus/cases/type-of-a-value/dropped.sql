UPDATE orders SET "quantity_big" = ((COALESCE((SELECT max((o."quantity_big"::integer)) AS "max" FROM orders o), NULL::"pg_catalog"."int4"))::integer)::"pg_catalog"."int8" WHERE user_id = 1
