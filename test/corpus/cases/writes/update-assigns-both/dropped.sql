UPDATE users SET "full_name" = $1, age = 3 WHERE "users"."full_name" = $2
