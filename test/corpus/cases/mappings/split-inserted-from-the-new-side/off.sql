INSERT INTO people ("name", city) VALUES ((concat_ws(' ', (('a')::text), (('b')::text))), 'c')
