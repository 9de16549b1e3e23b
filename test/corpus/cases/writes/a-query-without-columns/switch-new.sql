INSERT INTO tokens ("secret", "api_key") SELECT ec.d1, ec.d1 FROM (SELECT ec.*, gen_random_uuid() AS d1 FROM (SELECT FROM generate_series(1, 3)) AS ec) AS ec
