INSERT INTO users VALUES (1, 'n', 'e', 3)
