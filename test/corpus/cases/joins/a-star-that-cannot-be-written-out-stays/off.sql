WITH w AS (SELECT id, lead AS x, lead AS x FROM teams) SELECT * FROM (SELECT "users"."id", "users"."name", "users"."email", "users"."age" FROM users) AS "users" JOIN w USING (id)
