SELECT id, title FROM tickets GROUP BY id
