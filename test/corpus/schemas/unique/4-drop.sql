alter table accounts drop column login;
