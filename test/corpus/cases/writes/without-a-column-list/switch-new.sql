INSERT INTO users ("id", "name", "email", "age", "full_name") VALUES (1, 'n', 'e', 3, 'n')
