INSERT INTO users (email, "full_name") VALUES ($1, $2) ON CONFLICT ("full_name") DO UPDATE SET "full_name" = excluded."full_name"
