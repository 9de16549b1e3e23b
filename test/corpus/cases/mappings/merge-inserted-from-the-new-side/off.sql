INSERT INTO places ("street", "town") VALUES ((split_part((($1)::text), ', ', 1)), (split_part((($1)::text), ', ', 2)))
