SELECT u."full_name" AS "name", ((u)).age, "u"."id", "u"."full_name" AS "name", "u"."email", "u"."age" FROM users u
