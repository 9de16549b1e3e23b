UPDATE users SET (name, age) = ($1, 5) WHERE id = 1
