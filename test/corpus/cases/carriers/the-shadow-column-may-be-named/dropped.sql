SELECT full_name, "users"."full_name" AS "name" FROM users
