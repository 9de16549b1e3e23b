SELECT (u).name, ((u)).age, (u).* FROM users u
