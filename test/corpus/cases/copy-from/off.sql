COPY users (name, email) FROM STDIN
