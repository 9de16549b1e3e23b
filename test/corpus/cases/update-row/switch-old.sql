UPDATE users SET (name, age, "full_name") = ($1, 5, (($1)::character varying(40))::"pg_catalog"."text") WHERE id = 1
