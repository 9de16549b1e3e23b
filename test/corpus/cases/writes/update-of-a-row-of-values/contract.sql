UPDATE users SET ("full_name", age) = ROW ($1, 3)
