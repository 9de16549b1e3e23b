SELECT array_agg(DISTINCT name ORDER BY name DESC) FROM users
