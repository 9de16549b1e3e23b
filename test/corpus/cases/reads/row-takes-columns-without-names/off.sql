SELECT row(u."id", u."name", u."email", u."age") AS "row", (u.*) IS NULL FROM users u
