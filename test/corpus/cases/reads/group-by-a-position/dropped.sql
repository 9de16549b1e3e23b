SELECT ("orders"."amount_big"::integer) AS "amount", count(*) FROM orders GROUP BY 1 ORDER BY 1
