WITH users AS (SELECT 1 AS name) SELECT name, * FROM users
