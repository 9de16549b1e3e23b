INSERT INTO people (name, city, "first_name", "last_name") VALUES ($1, $2, (split_part((($1)::text), ' ', 1)), (substr((($1)::text), strpos((($1)::text), ' ') + 1)))
