SELECT u.id, (u."full_name"::"pg_catalog"."varchar") AS "name", count(p.id) FROM users u LEFT JOIN posts p ON p.author_id = u.id GROUP BY u.id
