INSERT INTO orders (user_id, "amount_big") VALUES (1, (($1)::integer)::"pg_catalog"."int8")
