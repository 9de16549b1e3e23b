INSERT INTO users (email, name, "full_name") SELECT ec.c1, ec.c2, ec.c2 FROM (SELECT u.name, ('x')::"pg_catalog"."varchar" FROM users u WHERE u.id = $1) AS ec(c1, c2)
