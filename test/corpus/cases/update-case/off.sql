UPDATE users SET name = CASE WHEN id = 1 THEN $1 WHEN id = 2 THEN $2 ELSE name END WHERE id IN (1, 2)
