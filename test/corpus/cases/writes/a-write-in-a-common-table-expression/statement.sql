WITH made AS (INSERT INTO users (email, name) VALUES ('a', 'b') RETURNING *) SELECT name FROM made
