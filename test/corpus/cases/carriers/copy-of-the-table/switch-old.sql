COPY (SELECT users."id", users."name", users."email", users."age" FROM ONLY users) TO STDOUT
