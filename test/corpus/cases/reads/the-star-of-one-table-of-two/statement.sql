SELECT u.*, t.full_name FROM users u JOIN teams t ON t.lead = u.id
