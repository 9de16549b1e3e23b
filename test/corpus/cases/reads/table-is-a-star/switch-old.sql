SELECT "users"."id", "users"."name", "users"."email", "users"."age" FROM users
