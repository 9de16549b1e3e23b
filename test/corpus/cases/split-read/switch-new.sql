SELECT (("people"."first_name" || ' ' || "people"."last_name")::text) AS "name" FROM people WHERE (("people"."first_name" || ' ' || "people"."last_name")::text) = $1 ORDER BY name
