SELECT name, count(*) FROM users u JOIN users v USING (name, age) GROUP BY u.id ORDER BY name
