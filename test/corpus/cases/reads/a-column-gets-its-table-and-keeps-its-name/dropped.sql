SELECT id, "users"."full_name" AS "name" FROM users
