SELECT u.name::text, upper(u.name) FROM users u
