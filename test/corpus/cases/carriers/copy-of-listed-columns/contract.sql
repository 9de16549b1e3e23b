COPY (SELECT users."id", users."full_name" AS "name" FROM ONLY users) TO STDOUT WITH (FORMAT csv)
