SELECT (SELECT * FROM (SELECT "users"."full_name" AS "name" FROM users LIMIT 1) AS s)
