SELECT 'name; users'; SELECT name FROM users; SELECT name FROM users WHERE name = 'b';
