WITH ec_once_1 AS MATERIALIZED (SELECT COALESCE(md5(random()::text)) AS v) INSERT INTO users (email, name, "full_name") VALUES ('a', (SELECT v FROM ec_once_1), (SELECT v FROM ec_once_1))
