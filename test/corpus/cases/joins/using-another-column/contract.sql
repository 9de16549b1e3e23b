SELECT "id", "users"."full_name" AS "name", "users"."email", "users"."age", "teams"."full_name", "teams"."lead" FROM users JOIN teams USING (id)
