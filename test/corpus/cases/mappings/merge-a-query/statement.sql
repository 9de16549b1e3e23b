INSERT INTO places (street, town) SELECT full_name, $1 FROM teams
