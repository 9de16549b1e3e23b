SELECT name, u.email, count(*) FROM users u LEFT JOIN posts p USING (name) GROUP BY u.id ORDER BY name
