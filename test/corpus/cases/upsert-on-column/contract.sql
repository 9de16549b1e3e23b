INSERT INTO accounts ("login_name") VALUES ($1) ON CONFLICT ("login_name") DO UPDATE SET logins = accounts.logins + 1
