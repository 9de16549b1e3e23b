INSERT INTO orders DEFAULT VALUES RETURNING id, ("orders"."amount_big"::integer) AS "amount"
