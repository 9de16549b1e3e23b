INSERT INTO users (email, name, "full_name") VALUES ($1, $2, $2) ON CONFLICT ON CONSTRAINT users_name_key DO NOTHING
