UPDATE users SET (name, age) = ROW ($1, 3)
