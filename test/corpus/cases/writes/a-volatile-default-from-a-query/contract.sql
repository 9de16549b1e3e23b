INSERT INTO tokens (owner, "api_key") SELECT ec.c1, gen_random_uuid() FROM (SELECT lead FROM teams) AS ec(c1)
