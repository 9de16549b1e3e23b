SELECT DISTINCT ON (name) ("users"."full_name"::"pg_catalog"."varchar") AS "name", id FROM users ORDER BY name, id
