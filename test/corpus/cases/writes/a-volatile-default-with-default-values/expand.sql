WITH ec_once_1 AS MATERIALIZED (SELECT gen_random_uuid() AS v) INSERT INTO tokens ("secret", "api_key") VALUES ((SELECT v FROM ec_once_1), (SELECT v FROM ec_once_1)) RETURNING secret
