SELECT p.name FROM teams t LEFT JOIN people p ON p.id = t.lead
