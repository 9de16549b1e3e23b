INSERT INTO places (street, note, town) VALUES ('a', 'n', 'b')
