UPDATE users SET (age, name) = (SELECT lead, full_name FROM teams WHERE id = 1)
