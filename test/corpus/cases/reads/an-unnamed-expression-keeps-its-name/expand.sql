SELECT upper(name), name || '!', name::text, count(*) FILTER (WHERE name > 'm') FROM users GROUP BY name
