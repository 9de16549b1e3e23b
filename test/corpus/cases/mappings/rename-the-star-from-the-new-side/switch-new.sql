SELECT "users"."id", "users"."email", "users"."age", "users"."full_name" FROM users
