SELECT u."full_name" AS n FROM users u
