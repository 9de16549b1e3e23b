CREATE TEMP TABLE copied AS SELECT "users"."id", ("users"."full_name"::character varying(40)) AS "name", "users"."email", "users"."age" FROM users
