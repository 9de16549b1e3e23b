DELETE FROM users USING teams t WHERE t.full_name = users.name RETURNING users."id", users."name", users."email", users."age"
