SELECT lower(email) AS full_name FROM users ORDER BY full_name
