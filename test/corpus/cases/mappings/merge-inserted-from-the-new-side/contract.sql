INSERT INTO places (address) VALUES ($1)
