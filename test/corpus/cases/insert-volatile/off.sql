INSERT INTO users (email, name) VALUES ('v@x', md5(random()::text))
