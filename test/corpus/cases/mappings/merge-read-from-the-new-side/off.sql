SELECT (("places"."street" || ', ' || "places"."town")::text) AS "address", "places"."id", "places"."note", (("places"."street" || ', ' || "places"."town")::text) AS "address" FROM places
