INSERT INTO accounts (login, "login_name") VALUES ($1, $1) ON CONFLICT (login) DO UPDATE SET logins = accounts.logins + 1
