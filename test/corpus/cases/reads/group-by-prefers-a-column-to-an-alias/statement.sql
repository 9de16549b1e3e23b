SELECT lower(email) AS full_name, count(*) FROM users GROUP BY full_name
