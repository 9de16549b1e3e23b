INSERT INTO U&"!0075sers" UESCAPE '!' ("full_name") VALUES ($1) ON CONFLICT ("full_name") DO NOTHING RETURNING users."id", users."full_name" AS "name", users."email", users."age"
