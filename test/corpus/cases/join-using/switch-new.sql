SELECT ("u"."full_name"::"pg_catalog"."varchar") AS "name", u.email FROM users u JOIN posts p ON "u"."full_name" = "p"."name"
