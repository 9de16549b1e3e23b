INSERT INTO users ("id", "name", "full_name") VALUES (1, 'n', 'n')
