INSERT INTO users (id, "full_name", email) ((SELECT ec.c1, ec.c2, ec.c3 FROM (SELECT generate_series(1, 3), ('x')::"pg_catalog"."varchar", ($1)::"pg_catalog"."text") AS ec(c1, c2, c3))) RETURNING id
