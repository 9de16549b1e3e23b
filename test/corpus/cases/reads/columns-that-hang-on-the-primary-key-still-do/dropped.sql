SELECT id, "users"."full_name" AS "name" FROM users GROUP BY id HAVING "users"."full_name" > 'a'
