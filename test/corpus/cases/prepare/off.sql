PREPARE by_name (varchar) AS SELECT id, name FROM users WHERE name = $1
