SELECT id, rank() OVER w FROM users WINDOW w AS (PARTITION BY age ORDER BY name)
