DELETE FROM users USING posts p WHERE p.author_id = users.id AND users.name = p.name RETURNING users."id", users."name", users."email", users."age"
