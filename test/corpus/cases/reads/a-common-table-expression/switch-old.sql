WITH u AS MATERIALIZED (SELECT "users"."id", "users"."name", "users"."email", "users"."age" FROM users) SELECT name FROM u
