SELECT u."id", u."full_name" AS "name", u."email", u."age", u."id", u."full_name" AS "name", u."email", u."age" FROM users u
