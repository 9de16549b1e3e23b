SELECT id FROM people WHERE name = 'Ada Lovelace' ORDER BY name
