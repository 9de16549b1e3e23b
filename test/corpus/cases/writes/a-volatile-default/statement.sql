INSERT INTO tokens (owner) VALUES (1), (2)
