UPDATE users SET "full_name" = "pg_catalog"."varchar"(($1)::"pg_catalog"."varchar", 44, false)::"pg_catalog"."text", age = age + 1 WHERE id = $2
