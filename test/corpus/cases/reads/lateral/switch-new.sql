SELECT x.name FROM teams, LATERAL (SELECT "users"."full_name" AS "name" FROM users WHERE users.id = teams.lead) AS x
