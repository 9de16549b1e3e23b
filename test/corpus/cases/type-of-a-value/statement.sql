UPDATE orders SET quantity = (SELECT max(o.quantity) FROM orders o) WHERE user_id = 1
