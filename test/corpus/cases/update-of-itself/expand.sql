UPDATE orders SET quantity = quantity + $1, "quantity_big" = ((quantity + $1)::integer)::"pg_catalog"."int8" WHERE user_id = $2 RETURNING quantity
