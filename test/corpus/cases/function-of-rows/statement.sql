SELECT u.*, u.name AS again FROM users_of('example.org') AS u ORDER BY u.id
