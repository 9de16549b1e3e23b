SELECT id, ("users"."full_name"::"pg_catalog"."varchar") AS "name" FROM users ORDER BY "users"."full_name" DESC, id
