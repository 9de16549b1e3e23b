SELECT a.name FROM users a JOIN users b ON a.name = b.name AND a.id < b.id
