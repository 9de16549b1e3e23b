SELECT DISTINCT ON (name) name, id FROM users ORDER BY name, id
