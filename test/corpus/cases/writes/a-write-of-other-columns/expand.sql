UPDATE users SET age = 3 WHERE name = 'a'
