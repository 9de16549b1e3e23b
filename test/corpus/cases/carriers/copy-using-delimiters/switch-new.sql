COPY (SELECT users."full_name" AS "name" FROM ONLY users) TO PROGRAM 'cat'  WITH DELIMITER '|' NULL AS 'x'
