UPDATE places SET town = 'x', "address" = ((("places"."street")::text) || ', ' || (('x')::text)) WHERE street = 'y'
