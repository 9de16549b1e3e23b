SELECT DISTINCT ("users"."full_name"::"pg_catalog"."varchar") AS "name" FROM users ORDER BY name
