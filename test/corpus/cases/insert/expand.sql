INSERT INTO users (name, email, "full_name") VALUES ($1, $2, (($1)::character varying(40))::"pg_catalog"."text") RETURNING id, name
