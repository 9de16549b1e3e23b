INSERT INTO tokens (owner, "api_key") VALUES (1, gen_random_uuid()); /* then */ UPDATE users SET "full_name" = 'x'; DELETE FROM users
