EXPLAIN (COSTS off) SELECT "users"."full_name" AS "name" FROM users
