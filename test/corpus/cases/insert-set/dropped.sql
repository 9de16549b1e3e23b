INSERT INTO tokens (note) SELECT 'n' || generate_series(1, 3)
