UPDATE users SET name = upper(name), "full_name" = upper(name) RETURNING "users"."id", "users"."name", "users"."email", "users"."age"
