SELECT (u).name, ((u)).age, "u"."id", "u"."name", "u"."email", "u"."age" FROM users u
