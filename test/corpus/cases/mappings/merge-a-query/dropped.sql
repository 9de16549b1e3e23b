INSERT INTO places ("address") SELECT (((ec.c1)::text) || ', ' || ((ec.c2)::text)) FROM (SELECT full_name, ($1)::"pg_catalog"."text" FROM teams) AS ec(c1, c2)
