SELECT (u.*) FROM users u WHERE u.id = 1
