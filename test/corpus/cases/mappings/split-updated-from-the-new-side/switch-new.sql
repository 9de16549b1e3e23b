UPDATE people SET last_name = $1, "name" = (concat_ws(' ', (("people"."first_name")::text), (($1)::text)))
