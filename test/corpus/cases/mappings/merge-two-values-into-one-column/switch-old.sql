INSERT INTO places (street, note, town, "address") VALUES ('a', 'n', 'b', ((('a')::text) || ', ' || (('b')::text)))
