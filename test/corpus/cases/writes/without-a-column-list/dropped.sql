INSERT INTO users ("id", "full_name", "email", "age") VALUES (1, 'n', 'e', 3)
