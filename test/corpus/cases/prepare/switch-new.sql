PREPARE by_name (varchar) AS SELECT id, ("users"."full_name"::"pg_catalog"."varchar") AS "name" FROM users WHERE "users"."full_name" = $1
