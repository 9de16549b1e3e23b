SELECT (a."full_name"::"pg_catalog"."varchar") AS "name", (b."full_name"::"pg_catalog"."varchar") AS "name" FROM users a JOIN users b ON b."full_name" = a."full_name" AND b.id > a.id
