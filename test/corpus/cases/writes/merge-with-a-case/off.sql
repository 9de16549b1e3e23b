MERGE INTO users u USING teams t ON CASE WHEN u.id = t.lead THEN true END WHEN MATCHED THEN UPDATE SET name = CASE WHEN t.id = 1 THEN 'a' END
