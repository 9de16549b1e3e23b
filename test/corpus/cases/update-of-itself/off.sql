UPDATE orders SET quantity = quantity + $1 WHERE user_id = $2 RETURNING quantity
