SELECT name FROM (SELECT "users"."id", "users"."full_name" AS "name", "users"."email", "users"."age" FROM users) AS "users" JOIN (SELECT 'a' AS name) AS x USING (name)
