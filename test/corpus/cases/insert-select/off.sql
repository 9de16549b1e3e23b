INSERT INTO users (email, name) SELECT title || '@p', title FROM posts
