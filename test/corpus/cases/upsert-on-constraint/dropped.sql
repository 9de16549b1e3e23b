INSERT INTO accounts ("login_name") VALUES ($1) ON CONFLICT ON CONSTRAINT "accounts_login_name_key" DO NOTHING
