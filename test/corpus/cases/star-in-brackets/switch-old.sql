SELECT u."id", u."name", u."email", u."age" FROM users u WHERE u.id = 1
