SELECT row(u."id", u."full_name", u."email", u."age") AS "row", ((SELECT ec FROM (SELECT u."id", u."full_name" AS "name", u."email", u."age") AS ec)) IS NULL AS "?column?" FROM users u
