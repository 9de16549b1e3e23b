SELECT u."id", (u."full_name"::"pg_catalog"."varchar") AS "name", u."email", u."age" FROM users u WHERE u.id = 1
