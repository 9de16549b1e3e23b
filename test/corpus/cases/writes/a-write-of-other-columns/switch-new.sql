UPDATE users SET age = 3 WHERE "users"."full_name" = 'a'
