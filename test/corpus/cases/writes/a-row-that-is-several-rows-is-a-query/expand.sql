INSERT INTO users (id, name, email, "full_name") SELECT ec.c1, ec.c2, ec.c3, ec.c2 FROM (SELECT generate_series(1, 3), random()::text, ('x')::"pg_catalog"."text") AS ec(c1, c2, c3)
