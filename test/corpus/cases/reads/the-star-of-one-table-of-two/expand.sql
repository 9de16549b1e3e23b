SELECT u."id", u."name", u."email", u."age", t.full_name FROM users u JOIN teams t ON t.lead = u.id
