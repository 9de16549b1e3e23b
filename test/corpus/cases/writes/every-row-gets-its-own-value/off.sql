INSERT INTO users (email, name) VALUES ('a', 'b'), ('c', DEFAULT)
