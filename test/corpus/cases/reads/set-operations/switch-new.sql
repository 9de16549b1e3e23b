SELECT "users"."full_name" AS "name" FROM users UNION SELECT full_name FROM teams ORDER BY name
