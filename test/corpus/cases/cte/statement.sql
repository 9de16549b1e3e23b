WITH recent AS (SELECT * FROM users WHERE id > 1) SELECT r.name FROM recent r ORDER BY r.name
