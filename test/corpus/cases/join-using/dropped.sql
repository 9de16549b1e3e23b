SELECT name, u.email FROM (SELECT "users"."id", ("users"."full_name"::"pg_catalog"."varchar") AS "name", "users"."email", "users"."age" FROM users) u JOIN posts p USING (name)
