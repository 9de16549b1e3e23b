INSERT INTO places (address, "street", "town") VALUES ($1, (split_part((($1)::text), ', ', 1)), (split_part((($1)::text), ', ', 2)))
