UPDATE people SET city = $2, name = $1 WHERE name = $3
