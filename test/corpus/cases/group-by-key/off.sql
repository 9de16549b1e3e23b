SELECT u.id, u.name, count(p.id) FROM users u LEFT JOIN posts p ON p.author_id = u.id GROUP BY u.id
