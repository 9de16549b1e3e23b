SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ("orders"."amount_big"::integer)) AS "percentile_disc" FROM orders
