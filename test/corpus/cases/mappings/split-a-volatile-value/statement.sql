INSERT INTO people (name) VALUES (md5(random()::text))
