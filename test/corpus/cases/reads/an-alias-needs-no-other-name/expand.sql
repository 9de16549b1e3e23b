SELECT u.name AS n FROM users u
