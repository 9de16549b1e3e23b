INSERT INTO places ("address", note) VALUES (((('a')::text) || ', ' || (('b')::text)), 'n')
