INSERT INTO users (email, "full_name") VALUES ('a', $1) ON CONFLICT ON CONSTRAINT "users_full_name_key" DO NOTHING
