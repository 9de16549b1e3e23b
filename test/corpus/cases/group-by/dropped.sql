SELECT ("users"."full_name"::"pg_catalog"."varchar") AS "name", count(*) FROM users GROUP BY "users"."full_name" HAVING "users"."full_name" <> '' ORDER BY count(*)
