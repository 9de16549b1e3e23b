CREATE TEMP TABLE copied AS SELECT "users"."id", ("users"."full_name"::"pg_catalog"."varchar") AS "name", "users"."email", "users"."age" FROM users
