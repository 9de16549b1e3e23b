SELECT row(u.*), (u.*) IS NULL FROM users u
