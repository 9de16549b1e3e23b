UPDATE users SET name = $1, "full_name" = (($1)::character varying(40))::"pg_catalog"."text", age = age + 1 WHERE id = $2
