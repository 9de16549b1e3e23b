INSERT INTO U&"!0075sers" UESCAPE '!' (U&"n!0061me" UESCAPE '!') VALUES ($1) ON CONFLICT (U&"n!0061me" UESCAPE '!') DO NOTHING RETURNING users."id", users."name", users."email", users."age"
