INSERT INTO accounts (login) VALUES ($1) ON CONFLICT (login) DO UPDATE SET logins = accounts.logins + 1
