SELECT (("u"."full_name"::"pg_catalog"."varchar")::"pg_catalog"."text") AS "name", u.email, count(*) FROM users u LEFT JOIN posts p ON "u"."full_name" = "p"."name" GROUP BY u.id ORDER BY name
