WITH moved AS (UPDATE users SET name = $1 WHERE id = 1 RETURNING "users"."id", "users"."name", "users"."email", "users"."age") SELECT moved.name FROM moved
