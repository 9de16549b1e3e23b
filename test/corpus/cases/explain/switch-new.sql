EXPLAIN (COSTS OFF) SELECT ("users"."full_name"::"pg_catalog"."varchar") AS "name" FROM users WHERE "users"."full_name" = 'x'
