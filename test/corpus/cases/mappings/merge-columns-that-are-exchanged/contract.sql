UPDATE places SET "address" = (((((split_part("places"."address", ', ', 2))::text))::text) || ', ' || ((((split_part("places"."address", ', ', 1))::text))::text))
