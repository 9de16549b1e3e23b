INSERT INTO users VALUES (50, 'x', 'x@y', 3)
