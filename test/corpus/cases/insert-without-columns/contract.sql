INSERT INTO users ("id", "full_name", "email", "age") VALUES (50, "pg_catalog"."varchar"(('x')::"pg_catalog"."varchar", 44, false)::"pg_catalog"."text", 'x@y', 3)
