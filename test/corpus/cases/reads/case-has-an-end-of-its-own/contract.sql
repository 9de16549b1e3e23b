SELECT CASE WHEN "users"."full_name" IS DISTINCT FROM 'a' THEN "users"."full_name" ELSE 'b' END AS "case" FROM users
