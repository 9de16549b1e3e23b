SELECT "name", "u"."id", "u"."email", "u"."age", "v"."id", "v"."email", "v"."age" FROM users u FULL JOIN users v USING (name) WHERE name IS NOT NULL
