SELECT a.name, b.name FROM users a JOIN users b ON b.name = a.name AND b.id > a.id
