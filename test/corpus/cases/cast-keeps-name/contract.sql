SELECT (u."full_name"::"pg_catalog"."varchar")::text AS "name", upper((u."full_name"::"pg_catalog"."varchar")) AS "upper" FROM users u
