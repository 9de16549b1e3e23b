UPDATE users SET name = 'x', "full_name" = (('x')::character varying(40))::"pg_catalog"."text" WHERE id = 1; SELECT 'users; name' AS s; SELECT name FROM users;
