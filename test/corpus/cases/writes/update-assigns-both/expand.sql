UPDATE users SET name = $1, "full_name" = $1, age = 3 WHERE name = $2
