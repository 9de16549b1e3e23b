UPDATE people SET "name" = (concat_ws(' ', ((((split_part("people"."name", ' ', 1))::text))::text), (($1)::text)))
