UPDATE users SET ("full_name", age) = ("pg_catalog"."varchar"(($1)::"pg_catalog"."varchar", 44, false)::"pg_catalog"."text", 5) WHERE id = 1
