UPDATE people SET last_name = $1, "first_name" = ((split_part("people"."name", ' ', 1))::text), "name" = (concat_ws(' ', ((((split_part("people"."name", ' ', 1))::text))::text), (($1)::text)))
