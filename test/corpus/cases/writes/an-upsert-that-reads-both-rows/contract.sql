INSERT INTO users AS u (email, "full_name") VALUES ($1, $2) ON CONFLICT (email) DO UPDATE SET "full_name" = u."full_name" || excluded."full_name" WHERE u."full_name" <> excluded."full_name"
