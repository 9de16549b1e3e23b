SELECT * FROM users u NATURAL JOIN notes n
