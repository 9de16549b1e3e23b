COPY (SELECT users."full_name" AS "name" FROM ONLY users) TO STDOUT binary
