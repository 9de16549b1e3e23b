INSERT INTO orders (user_id, amount, "amount_big") VALUES (1, $1, (($1)::integer)::"pg_catalog"."int8")
