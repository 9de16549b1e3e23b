CREATE TABLE made AS SELECT "users"."full_name" AS "name" FROM users
