SELECT address, "places"."id", "places"."note", "places"."address" FROM places
