INSERT INTO tokens ("api_key") SELECT gen_random_uuid() FROM (SELECT FROM generate_series(1, 3)) AS ec
