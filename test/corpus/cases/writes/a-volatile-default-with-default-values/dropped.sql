INSERT INTO tokens DEFAULT VALUES RETURNING "tokens"."api_key" AS "secret"
