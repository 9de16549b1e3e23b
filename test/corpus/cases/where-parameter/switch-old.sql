SELECT id FROM users WHERE name = $1 AND age > $2
