SELECT row(u."id", u."name", u."email", u."age") AS a, row("u"."id", "u"."name", "u"."email", "u"."age", 1) AS b, (u.*).name FROM users u
