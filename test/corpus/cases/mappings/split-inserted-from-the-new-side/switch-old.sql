INSERT INTO people (first_name, city, last_name, "name") VALUES ('a', 'c', 'b', (concat_ws(' ', (('a')::text), (('b')::text))))
