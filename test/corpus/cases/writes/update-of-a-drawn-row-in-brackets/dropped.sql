UPDATE users SET ("full_name", email) = (((random()::text), $1))
