UPDATE users u SET "full_name" = "pg_catalog"."varchar"((p.name)::"pg_catalog"."varchar", 44, false)::"pg_catalog"."text" FROM posts p WHERE p.author_id = u.id AND u."full_name" = $1
