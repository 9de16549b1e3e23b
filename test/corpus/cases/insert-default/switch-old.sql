INSERT INTO orders (user_id, quantity, "quantity_big") VALUES (1, DEFAULT, ((1)::integer)::"pg_catalog"."int8"), (2, $1, (($1)::integer)::"pg_catalog"."int8")
