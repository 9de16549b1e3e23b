SELECT id FROM people WHERE ((concat_ws(' ', "people"."first_name", "people"."last_name"))::text) = 'Ada Lovelace' ORDER BY ((concat_ws(' ', "people"."first_name", "people"."last_name"))::text)
