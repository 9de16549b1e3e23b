SELECT ctid, "users"."full_name" AS "name" FROM ONLY users FOR UPDATE OF users
