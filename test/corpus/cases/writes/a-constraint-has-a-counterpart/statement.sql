INSERT INTO users (email, name) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT users_name_key DO NOTHING
