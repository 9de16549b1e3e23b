INSERT INTO people ("first_name", city, "last_name") VALUES ((split_part((($1)::text), ' ', 1)), $2, (substr((($1)::text), strpos((($1)::text), ' ') + 1)))
