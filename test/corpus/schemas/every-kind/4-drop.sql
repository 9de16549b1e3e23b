alter table users drop column name;
alter table orders drop column amount;
alter table people drop column name;
alter table places drop column street, drop column town;
alter table tokens drop column secret;
alter table shouts drop column loud;
alter table labels drop column words;
alter table tickets drop column id;
