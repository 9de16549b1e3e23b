WITH moved AS (UPDATE users SET name = $1 WHERE id = 1 RETURNING *) SELECT moved.name FROM moved
