SELECT u.id, x.upper FROM users u, LATERAL (SELECT upper((u."full_name"::"pg_catalog"."varchar")) AS "upper") x
