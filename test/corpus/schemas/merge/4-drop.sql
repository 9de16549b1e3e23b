alter table visits drop column day, drop column hour;
