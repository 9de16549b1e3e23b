SELECT row_to_json((SELECT ec FROM (SELECT u."id", u."full_name" AS "name", u."email", u."age") AS ec)) AS "row_to_json" FROM users u
