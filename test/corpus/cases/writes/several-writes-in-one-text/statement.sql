INSERT INTO tokens (owner) VALUES (1); /* then */ UPDATE users SET name = 'x'; DELETE FROM users
