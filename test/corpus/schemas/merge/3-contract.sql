alter table visits alter column visited_at set not null;
alter table visits alter column day drop not null, alter column hour drop not null;
