SELECT email FROM users NATURAL JOIN teams
