INSERT INTO users (id, name, email) VALUES ($1, (json_each_text($2)).*)
