SELECT id FROM users WHERE EXISTS (SELECT 1 FROM notes WHERE author_id = users.id AND name IS NOT NULL)
