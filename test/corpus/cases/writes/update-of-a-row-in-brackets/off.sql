UPDATE users SET (name, email) = ((ROW($1, $2)))
