SELECT sum(quantity), max(quantity) FILTER (WHERE user_id = 1) FROM orders
