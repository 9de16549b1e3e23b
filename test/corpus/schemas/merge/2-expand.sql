alter table visits add column visited_at timestamp;
update visits set visited_at = day + hour;
