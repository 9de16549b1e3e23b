SELECT name FROM users UNION SELECT title FROM posts ORDER BY name
