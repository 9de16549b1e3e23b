INSERT INTO users (email, "full_name") VALUES ('a', md5(random()::text))
