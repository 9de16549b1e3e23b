WITH made AS (INSERT INTO users (email, name) VALUES ('a', 'b') RETURNING "users"."id", "users"."name", "users"."email", "users"."age") SELECT name FROM made
