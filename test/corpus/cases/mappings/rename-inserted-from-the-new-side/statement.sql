INSERT INTO users VALUES (1, 'e', 3, 'n')
