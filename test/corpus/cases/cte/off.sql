WITH recent AS (SELECT "users"."id", "users"."name", "users"."email", "users"."age" FROM users WHERE id > 1) SELECT r.name FROM recent r ORDER BY r.name
