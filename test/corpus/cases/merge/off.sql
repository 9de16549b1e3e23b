MERGE INTO users u USING posts p ON p.author_id = u.id WHEN MATCHED AND u.name <> p.title THEN UPDATE SET name = p.title WHEN NOT MATCHED THEN INSERT (email, name) VALUES (p.id::text, p.title)
