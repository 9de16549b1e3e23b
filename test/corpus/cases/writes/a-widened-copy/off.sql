INSERT INTO orders (user_id, amount) VALUES (1, $1)
