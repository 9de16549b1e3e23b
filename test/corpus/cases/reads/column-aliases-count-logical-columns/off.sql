SELECT u.b FROM (SELECT "users"."id", "users"."name", "users"."email", "users"."age" FROM users) AS u (a, b)
