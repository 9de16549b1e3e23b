SELECT name, u.email FROM users u JOIN posts p USING (name)
