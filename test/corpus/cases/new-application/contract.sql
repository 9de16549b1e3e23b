INSERT INTO users (full_name, email) VALUES ($1, $2) ON CONFLICT (email) DO UPDATE SET full_name = excluded.full_name RETURNING full_name, users."id", users."email", users."age", users."full_name"
