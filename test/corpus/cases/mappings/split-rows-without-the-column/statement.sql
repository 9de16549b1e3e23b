INSERT INTO people (city) VALUES ('c')
