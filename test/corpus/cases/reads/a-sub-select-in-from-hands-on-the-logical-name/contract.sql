SELECT s.name FROM (SELECT "users"."full_name" AS "name", age FROM users) AS s WHERE s.name = 'a'
