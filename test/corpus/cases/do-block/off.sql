DO $$ BEGIN UPDATE users SET name = 'x'; END $$
