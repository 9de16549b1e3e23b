INSERT INTO users (email, name) VALUES ('a', md5(random()::text))
