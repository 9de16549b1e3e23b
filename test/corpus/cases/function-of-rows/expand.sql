SELECT u.*, u.name AS again FROM LATERAL (SELECT ec.c1 AS "id", ec.c2 AS "name", ec.c3 AS "email", ec.c4 AS "age" FROM users_of('example.org') AS ec(c1, c2, c3, c4, c5)) AS u ORDER BY u.id
