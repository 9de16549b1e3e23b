UPDATE users SET name = 'x' WHERE id = 1; SELECT 'users; name' AS s; SELECT name FROM users;
