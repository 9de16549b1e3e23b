SELECT (SELECT name FROM users WHERE users.id = t.lead) FROM teams t WHERE t.lead IN (SELECT id FROM users WHERE name = t.full_name)
