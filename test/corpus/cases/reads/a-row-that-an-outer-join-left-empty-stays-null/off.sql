SELECT json_agg(u) FROM teams t LEFT JOIN users u ON t.lead = u.id
