WITH ec_once_1 AS MATERIALIZED (SELECT gen_random_uuid() AS v) INSERT INTO tokens (owner, secret, "api_key") VALUES (1, (SELECT v FROM ec_once_1), (SELECT v FROM ec_once_1)), (2, $1, $1)
