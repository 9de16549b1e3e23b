SELECT u.id, x.upper FROM users u, LATERAL (SELECT upper(u.name)) x
