INSERT INTO people (name, city) VALUES ($1, $2)
