INSERT INTO orders (user_id, "quantity_big") VALUES (3, ((1)::integer)::"pg_catalog"."int8")
