UPDATE users SET name = upper("users"."full_name"), "full_name" = upper("users"."full_name") RETURNING "users"."id", "users"."full_name" AS "name", "users"."email", "users"."age"
