SELECT u."id", u."full_name" AS "name", u."email", u."age", t.full_name FROM users u JOIN teams t ON t.lead = u.id
