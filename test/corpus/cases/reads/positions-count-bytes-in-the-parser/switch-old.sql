SELECT '😀', name AS "größe" FROM users WHERE name <> 'ß'
