UPDATE orders SET "quantity_big" = ((("orders"."quantity_big"::integer) + $1)::integer)::"pg_catalog"."int8" WHERE user_id = $2 RETURNING ("orders"."quantity_big"::integer) AS "quantity"
