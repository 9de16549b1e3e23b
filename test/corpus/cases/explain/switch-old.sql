EXPLAIN (COSTS OFF) SELECT name FROM users WHERE name = 'x'
