INSERT INTO tokens (owner, secret) VALUES (1, DEFAULT), (2, $1)
