INSERT INTO users (email, name, "full_name") VALUES ($1, $2, $2) ON CONFLICT (name) DO UPDATE SET name = excluded.name, "full_name" = excluded.name
