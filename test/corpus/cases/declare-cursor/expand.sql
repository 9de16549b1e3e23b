DECLARE c CURSOR FOR SELECT "users"."id", "users"."name", "users"."email", "users"."age" FROM users ORDER BY name
