UPDATE users SET ("full_name", email) = ((ROW($1, $2)))
