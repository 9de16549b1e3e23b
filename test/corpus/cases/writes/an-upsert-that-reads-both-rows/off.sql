INSERT INTO users AS u (email, name) VALUES ($1, $2) ON CONFLICT (email) DO UPDATE SET name = u.name || excluded.name WHERE u.name <> excluded.name
