INSERT INTO tokens (note, "secret", "secret_key") SELECT ec.c1, ec.d1, ec.d1 FROM (SELECT ec.*, gen_random_uuid() AS d1 FROM (SELECT 'n' || generate_series(1, 3)) AS ec(c1)) AS ec
