INSERT INTO tokens (owner, "api_key") VALUES (1, NULL), (2, $1)
