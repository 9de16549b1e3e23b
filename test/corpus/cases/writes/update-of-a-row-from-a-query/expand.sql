UPDATE users SET (age, name, "full_name") = (SELECT ec.c1, ec.c2, ec.c2 FROM (VALUES (0)) AS ec_one LEFT JOIN (SELECT lead, full_name FROM teams WHERE id = 1) AS ec(c1, c2) ON true)
