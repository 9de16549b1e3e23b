INSERT INTO users (email, name, "full_name") SELECT ec.c1, ec.c2, ((ec.c2)::character varying(40))::"pg_catalog"."text" FROM (SELECT title || '@p', title FROM posts) AS ec(c1, c2)
