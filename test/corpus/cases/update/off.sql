UPDATE users SET name = $1, age = age + 1 WHERE id = $2
