SELECT id, name FROM users GROUP BY id HAVING name > 'a'
