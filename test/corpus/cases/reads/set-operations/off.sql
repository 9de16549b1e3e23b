SELECT name FROM users UNION SELECT full_name FROM teams ORDER BY name
