INSERT INTO users (id, name, email) ((VALUES (generate_series(1, 3), 'x', $1))) RETURNING id
