INSERT INTO users (email, name, "full_name") VALUES ($1, $2, $2) RETURNING id, name
