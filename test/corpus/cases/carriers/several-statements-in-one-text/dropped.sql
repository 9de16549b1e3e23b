SELECT 'name; users'; SELECT "users"."full_name" AS "name" FROM users; SELECT "users"."full_name" AS "name" FROM users WHERE "users"."full_name" = 'b';
