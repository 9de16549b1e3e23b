INSERT INTO users (email, full_name) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT users_full_name_key DO UPDATE SET full_name = excluded.full_name
