SELECT id FROM users ORDER BY name, id
