SELECT id FROM users WHERE "users"."full_name" = $1 AND age > $2
