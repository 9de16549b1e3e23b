SELECT ("u"."full_name"::"pg_catalog"."varchar") AS "name", u.email, count(*) FROM users u LEFT JOIN posts p ON "u"."full_name" = "p"."name" GROUP BY u.id ORDER BY "u"."full_name"
