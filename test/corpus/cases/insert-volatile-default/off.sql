INSERT INTO tokens (note) VALUES ('second') RETURNING secret
