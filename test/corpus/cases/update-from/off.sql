UPDATE users u SET name = p.name FROM posts p WHERE p.author_id = u.id AND u.name = $1
