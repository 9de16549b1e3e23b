SELECT json_agg((SELECT ec FROM (SELECT u."id", u."name", u."email", u."age") AS ec) ORDER BY u.id) AS "json_agg" FROM users u
