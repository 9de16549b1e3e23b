UPDATE users SET "full_name" = (SELECT t.full_name FROM teams t WHERE t.lead = users.id)
