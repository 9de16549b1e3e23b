WITH users AS (SELECT 1 AS id, 'x' AS name) SELECT name FROM users
