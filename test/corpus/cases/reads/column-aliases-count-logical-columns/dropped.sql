SELECT u.b FROM (SELECT "users"."id", "users"."full_name" AS "name", "users"."email", "users"."age" FROM users) AS u (a, b)
