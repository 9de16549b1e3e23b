SELECT * FROM (SELECT "users"."id", ("users"."full_name"::"pg_catalog"."varchar") AS "name", "users"."email", "users"."age" FROM users) u NATURAL JOIN notes n
