INSERT INTO accounts (login, "login_name") VALUES ($1, $1) ON CONFLICT ON CONSTRAINT accounts_login_key DO NOTHING
