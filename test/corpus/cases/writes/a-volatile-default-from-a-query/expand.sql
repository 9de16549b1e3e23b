INSERT INTO tokens (owner, "secret", "api_key") SELECT ec.c1, ec.d1, ec.d1 FROM (SELECT ec.*, gen_random_uuid() AS d1 FROM (SELECT lead FROM teams) AS ec(c1)) AS ec
