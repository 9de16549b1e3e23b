INSERT INTO orders (user_id, "quantity_big") VALUES (1, DEFAULT), (2, (($1)::integer)::"pg_catalog"."int8")
