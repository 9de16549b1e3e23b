WITH RECURSIVE r AS (SELECT id, "users"."full_name" AS "name" FROM users UNION ALL SELECT r.id + 1, r.name FROM r WHERE r.id < 3) SELECT * FROM r
