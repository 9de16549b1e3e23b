SELECT lower(email) AS full_name, count(*) FROM users GROUP BY (lower(email))
