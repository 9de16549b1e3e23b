SELECT x.name FROM teams, LATERAL (SELECT name FROM users WHERE users.id = teams.lead) AS x
