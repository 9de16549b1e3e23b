UPDATE people SET last_name = $1, "name" = ((("people"."first_name")::text) || ' ' || (($1)::text)) WHERE id = $2 RETURNING first_name, last_name
