INSERT INTO users (email, "full_name") VALUES ('a', 'b'), ('c', NULL)
