INSERT INTO users ("id", "name", "full_name") SELECT ec.c1, ec.c2, ((ec.c2)::character varying(40))::"pg_catalog"."text" FROM (SELECT * FROM generate_series(1, 3) WITH ORDINALITY) AS ec(c1, c2)
