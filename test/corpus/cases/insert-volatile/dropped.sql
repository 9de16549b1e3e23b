INSERT INTO users (email, "full_name") VALUES ('v@x', "pg_catalog"."varchar"((md5(random()::text))::"pg_catalog"."varchar", 44, false)::"pg_catalog"."text")
