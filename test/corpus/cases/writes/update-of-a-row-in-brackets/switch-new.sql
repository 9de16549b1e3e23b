UPDATE users SET (name, email, "full_name") = ((ROW($1, $2, $1)))
