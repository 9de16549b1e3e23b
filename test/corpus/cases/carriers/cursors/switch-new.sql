DECLARE c CURSOR FOR SELECT "users"."full_name" AS "name" FROM users
