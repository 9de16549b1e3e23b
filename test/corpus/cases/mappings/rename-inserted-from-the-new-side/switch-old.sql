INSERT INTO users ("id", "email", "age", "full_name", "name") VALUES (1, 'e', 3, 'n', 'n')
