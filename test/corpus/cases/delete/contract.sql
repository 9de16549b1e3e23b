DELETE FROM users USING posts p WHERE p.author_id = users.id AND users."full_name" = p.name RETURNING users."id", (users."full_name"::"pg_catalog"."varchar") AS "name", users."email", users."age"
