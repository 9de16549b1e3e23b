INSERT INTO users (email, name) VALUES ('a', $1) ON CONFLICT ON CONSTRAINT users_name_key DO NOTHING
