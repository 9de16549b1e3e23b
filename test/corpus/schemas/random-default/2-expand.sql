alter table tokens add column secret_key uuid;
update tokens set secret_key = secret;
