UPDATE orders SET quantity = quantity + $1, "quantity_big" = ((COALESCE(quantity + $1, NULL::"pg_catalog"."int4"))::integer)::"pg_catalog"."int8" WHERE user_id = $2 RETURNING quantity
