SELECT json_agg((SELECT ec FROM (SELECT u."id", u."full_name" AS "name", u."email", u."age" WHERE u.tableoid IS NOT NULL) AS ec)) AS "json_agg" FROM teams t LEFT JOIN users u ON t.lead = u.id
