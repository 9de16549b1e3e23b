SELECT s.name FROM (SELECT name, age FROM users) AS s WHERE s.name = 'a'
