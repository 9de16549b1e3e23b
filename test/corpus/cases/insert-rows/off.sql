INSERT INTO users (email, name) VALUES ('a', 'x'), ('b', upper($1))
