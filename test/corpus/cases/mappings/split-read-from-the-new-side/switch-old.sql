SELECT ((substr("people"."name", strpos("people"."name", ' ') + 1))::text) AS "last_name" FROM people WHERE ((split_part("people"."name", ' ', 1))::text) = $1
