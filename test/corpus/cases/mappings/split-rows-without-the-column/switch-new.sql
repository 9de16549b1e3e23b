INSERT INTO people (city, "first_name", "last_name") VALUES ('c', (split_part(((NULL)::text), ' ', 1)), (substr(((NULL)::text), strpos(((NULL)::text), ' ') + 1)))
