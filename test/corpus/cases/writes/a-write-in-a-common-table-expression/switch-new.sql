WITH made AS (INSERT INTO users (email, name, "full_name") VALUES ('a', 'b', 'b') RETURNING "users"."id", "users"."full_name" AS "name", "users"."email", "users"."age") SELECT name FROM made
