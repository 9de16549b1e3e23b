alter table people add column first_name text, add column last_name text;
update people set first_name = split_part(name, ' ', 1), last_name = substr(name, strpos(name, ' ') + 1);
