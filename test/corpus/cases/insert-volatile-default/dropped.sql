INSERT INTO tokens (note) VALUES ('second') RETURNING "tokens"."secret_key" AS "secret"
