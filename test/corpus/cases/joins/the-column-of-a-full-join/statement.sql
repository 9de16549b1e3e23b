SELECT * FROM users u FULL JOIN users v USING (name) WHERE name IS NOT NULL
