SELECT ((CASE WHEN p.tableoid IS NOT NULL THEN (concat_ws(' ', p."first_name", p."last_name")) END)::text) AS "name" FROM teams t LEFT JOIN people p ON p.id = t.lead
