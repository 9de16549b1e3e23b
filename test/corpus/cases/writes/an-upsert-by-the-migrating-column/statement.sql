INSERT INTO users (email, name) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET name = excluded.name
