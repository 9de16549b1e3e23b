UPDATE users SET (name, age, "full_name") = ROW ($1, 3, $1)
