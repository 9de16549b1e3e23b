SELECT json_agg(u ORDER BY u.id) FROM users u
