UPDATE people SET city = $2, name = $1, "first_name" = (split_part((($1)::text), ' ', 1)), "last_name" = (substr((($1)::text), strpos((($1)::text), ' ') + 1)) WHERE name = $3
