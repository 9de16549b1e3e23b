SELECT * FROM users JOIN teams USING (id)
