SELECT (("u"."full_name"::"pg_catalog"."varchar")::"pg_catalog"."text") AS "name", u.email FROM users u JOIN posts p ON "u"."full_name" = "p"."name"
