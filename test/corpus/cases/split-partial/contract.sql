UPDATE people SET last_name = $1 WHERE id = $2 RETURNING first_name, last_name
