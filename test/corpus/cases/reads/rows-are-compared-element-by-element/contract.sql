SELECT id FROM users WHERE ("users"."full_name", age) > ($1, $2)
