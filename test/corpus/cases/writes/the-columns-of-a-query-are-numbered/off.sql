INSERT INTO users (email, name) SELECT u.name, 'x' FROM users u WHERE u.id = $1
