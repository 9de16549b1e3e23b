INSERT INTO users (email, name, "full_name") VALUES ('a', 'x', (('x')::character varying(40))::"pg_catalog"."text"), ('b', upper($1), ((upper($1))::character varying(40))::"pg_catalog"."text")
