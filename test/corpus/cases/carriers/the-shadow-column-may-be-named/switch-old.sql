SELECT full_name, name FROM users
