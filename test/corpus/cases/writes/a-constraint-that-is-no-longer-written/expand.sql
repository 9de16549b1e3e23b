INSERT INTO users (email, name, "full_name") VALUES ('a', $1, $1) ON CONFLICT ON CONSTRAINT users_name_key DO NOTHING
