SELECT sum(("orders"."quantity_big"::integer)) AS "sum", max(("orders"."quantity_big"::integer)) FILTER (WHERE user_id = 1) AS "max" FROM orders
