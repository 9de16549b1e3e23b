INSERT INTO tokens (note) VALUES ('n' || generate_series(1, 3))
