SELECT * FROM (SELECT "users"."id", "users"."name", "users"."email", "users"."age" FROM users) u NATURAL JOIN notes n
