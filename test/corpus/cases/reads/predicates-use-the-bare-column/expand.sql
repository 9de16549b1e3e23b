SELECT id FROM users WHERE name = $1 OR name LIKE 'A%' ORDER BY name DESC
