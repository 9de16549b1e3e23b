DECLARE c CURSOR FOR SELECT "users"."id", ("users"."full_name"::"pg_catalog"."varchar") AS "name", "users"."email", "users"."age" FROM users ORDER BY "users"."full_name"
