INSERT INTO orders (user_id, quantity) VALUES (1, DEFAULT), (2, $1)
