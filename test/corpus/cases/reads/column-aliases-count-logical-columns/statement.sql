SELECT u.b FROM users AS u (a, b)
