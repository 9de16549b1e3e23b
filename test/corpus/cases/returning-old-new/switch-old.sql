UPDATE users SET name = $1, "full_name" = (($1)::character varying(40))::"pg_catalog"."text" WHERE id = 1 RETURNING old.name, new.name
