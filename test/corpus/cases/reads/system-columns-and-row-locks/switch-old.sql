SELECT ctid, name FROM ONLY users FOR UPDATE OF users
