SELECT "teams"."full_name" AS "full_name" FROM users JOIN teams ON teams.lead = users.id WHERE "teams"."full_name" > 'a'
