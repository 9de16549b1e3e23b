INSERT INTO users ("id", "email", "age", "name") VALUES (1, 'e', 3, 'n')
