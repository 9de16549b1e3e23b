WITH x AS (SELECT 1 AS v) INSERT INTO tokens (owner, "api_key") VALUES ((SELECT v FROM x), gen_random_uuid())
