UPDATE users SET (name, email) = (((random()::text), $1))
