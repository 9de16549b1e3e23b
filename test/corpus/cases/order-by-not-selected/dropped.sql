SELECT id FROM users ORDER BY "users"."full_name", id
