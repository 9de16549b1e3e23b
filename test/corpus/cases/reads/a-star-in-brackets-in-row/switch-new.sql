SELECT row(u."id", u."full_name", u."email", u."age") AS a, row("u"."id", "u"."full_name", "u"."email", "u"."age", 1) AS b, u."full_name" AS "name" FROM users u
