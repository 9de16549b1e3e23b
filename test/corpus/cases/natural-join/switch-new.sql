SELECT "u"."id", ("u"."full_name"::"pg_catalog"."varchar") AS "name", "u"."email", "u"."age", "n"."author_id", "n"."full_name" FROM users u JOIN notes n ON "u"."id" = "n"."id"
