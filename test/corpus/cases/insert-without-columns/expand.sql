INSERT INTO users ("id", "name", "email", "age", "full_name") VALUES (50, 'x', 'x@y', 3, (('x')::character varying(40))::"pg_catalog"."text")
