UPDATE places SET "address" = (((((split_part("places"."address", ', ', 1))::text))::text) || ', ' || (('x')::text)) WHERE ((split_part("places"."address", ', ', 1))::text) = 'y'
