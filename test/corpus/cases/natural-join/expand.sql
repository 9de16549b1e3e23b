SELECT "u"."id", "u"."name", "u"."email", "u"."age", "n"."author_id", "n"."full_name" FROM users u JOIN notes n ON "u"."id" = "n"."id"
