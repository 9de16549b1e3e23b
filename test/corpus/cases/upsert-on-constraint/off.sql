INSERT INTO accounts (login) VALUES ($1) ON CONFLICT ON CONSTRAINT accounts_login_key DO NOTHING
