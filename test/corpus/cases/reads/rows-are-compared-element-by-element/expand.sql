SELECT id FROM users WHERE (name, age) > ($1, $2)
