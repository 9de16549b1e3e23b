SELECT p.name, q.name, (SELECT count(*) FROM orders o WHERE o.note = p.name || q.name) FROM people p, ONLY (people) q GROUP BY p.name, q.name
