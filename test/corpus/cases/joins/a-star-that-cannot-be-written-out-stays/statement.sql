WITH w AS (SELECT id, lead AS x, lead AS x FROM teams) SELECT * FROM users JOIN w USING (id)
