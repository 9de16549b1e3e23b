SELECT "users"."id", "users"."full_name" AS "name", "users"."email", "users"."age" FROM users
