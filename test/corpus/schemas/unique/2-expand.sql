alter table accounts add column login_name text;
update accounts set login_name = login;
alter table accounts add constraint accounts_login_name_key unique (login_name);
