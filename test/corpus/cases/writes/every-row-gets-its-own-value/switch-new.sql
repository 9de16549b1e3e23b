INSERT INTO users (email, name, "full_name") VALUES ('a', 'b', 'b'), ('c', DEFAULT, NULL)
