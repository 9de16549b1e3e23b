SELECT rank() OVER w, array_agg(name) FILTER (WHERE name IS NOT NULL) OVER (PARTITION BY name) FROM users WINDOW w AS (ORDER BY name)
