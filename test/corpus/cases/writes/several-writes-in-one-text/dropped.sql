INSERT INTO tokens (owner) VALUES (1); /* then */ UPDATE users SET "full_name" = 'x'; DELETE FROM users
