INSERT INTO people (first_name, city, last_name) VALUES ('a', 'c', 'b')
