SELECT '😀', "users"."full_name" AS "größe" FROM users WHERE "users"."full_name" <> 'ß'
