SELECT name FROM people WHERE name = $1 ORDER BY name
