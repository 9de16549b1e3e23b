INSERT INTO tokens (owner, "api_key") VALUES (1, gen_random_uuid()), (2, gen_random_uuid())
