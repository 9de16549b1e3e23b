SELECT "users"."name" AS "full_name" FROM users WHERE "users"."name" = 'a' ORDER BY "users"."name"
