COPY users (id, name) TO STDOUT WITH (FORMAT csv)
