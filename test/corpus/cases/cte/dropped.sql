WITH recent AS (SELECT "users"."id", ("users"."full_name"::"pg_catalog"."varchar") AS "name", "users"."email", "users"."age" FROM users WHERE id > 1) SELECT r.name FROM recent r ORDER BY r.name
