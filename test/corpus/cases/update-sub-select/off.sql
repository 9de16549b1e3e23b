UPDATE users SET (name, age) = (SELECT p.title, p.id FROM posts p WHERE p.author_id = users.id) WHERE id = 1
