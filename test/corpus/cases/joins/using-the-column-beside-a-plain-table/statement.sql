SELECT name FROM users JOIN (SELECT 'a' AS name) AS x USING (name)
