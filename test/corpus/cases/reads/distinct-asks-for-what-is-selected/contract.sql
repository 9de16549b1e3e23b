SELECT DISTINCT ("orders"."amount_big"::integer) AS "amount" FROM orders ORDER BY amount
