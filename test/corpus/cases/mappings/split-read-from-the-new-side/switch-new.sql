SELECT last_name FROM people WHERE first_name = $1
