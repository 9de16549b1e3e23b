UPDATE users u SET name = p.name, "full_name" = ((p.name)::character varying(40))::"pg_catalog"."text" FROM posts p WHERE p.author_id = u.id AND u.name = $1
