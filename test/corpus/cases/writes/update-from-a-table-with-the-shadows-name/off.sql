UPDATE users u SET name = t.full_name FROM teams t WHERE t.lead = u.id AND "t"."full_name" > 'a'
