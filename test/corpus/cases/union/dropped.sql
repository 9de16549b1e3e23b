SELECT ("users"."full_name"::"pg_catalog"."varchar") AS "name" FROM users UNION SELECT title FROM posts ORDER BY name
