SELECT "u"."full_name" AS "name", count(*) FROM users u JOIN users v ON "u"."full_name" = "v"."full_name" AND "u"."age" = "v"."age" GROUP BY u.id ORDER BY "u"."full_name"
