SELECT ("users"."full_name"::"pg_catalog"."varchar") AS "name", email FROM users
