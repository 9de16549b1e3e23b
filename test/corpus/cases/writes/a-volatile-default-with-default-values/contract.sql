INSERT INTO tokens ("api_key") VALUES (gen_random_uuid()) RETURNING "tokens"."api_key" AS "secret"
