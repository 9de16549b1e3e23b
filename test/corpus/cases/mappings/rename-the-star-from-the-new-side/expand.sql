SELECT "users"."id", "users"."email", "users"."age", "users"."name" AS "full_name" FROM users
