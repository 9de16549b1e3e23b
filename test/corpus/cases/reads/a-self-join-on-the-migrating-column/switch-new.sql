SELECT a."full_name" AS "name" FROM users a JOIN users b ON a."full_name" = b."full_name" AND a.id < b.id
