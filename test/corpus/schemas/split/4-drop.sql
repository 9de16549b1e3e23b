alter table people drop column name;
