SELECT name, count(*) FROM users GROUP BY name HAVING name <> '' ORDER BY count(*)
