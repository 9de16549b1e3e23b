SELECT (SELECT "users"."full_name" AS "name" FROM users WHERE users.id = t.lead) FROM teams t WHERE t.lead IN (SELECT id FROM users WHERE "users"."full_name" = t.full_name)
