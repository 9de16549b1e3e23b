DELETE FROM users USING teams t WHERE t.full_name = users."full_name" RETURNING users."id", users."full_name" AS "name", users."email", users."age"
