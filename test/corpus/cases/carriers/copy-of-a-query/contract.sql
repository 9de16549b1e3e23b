COPY (SELECT "users"."full_name" AS "name" FROM users) TO STDOUT
