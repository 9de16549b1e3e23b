SELECT id FROM users WHERE "users"."full_name" = $1 OR "users"."full_name" LIKE 'A%' ORDER BY "users"."full_name" DESC
