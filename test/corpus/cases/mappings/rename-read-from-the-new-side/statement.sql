SELECT full_name FROM users WHERE full_name = 'a' ORDER BY full_name
