SELECT array_agg(DISTINCT "users"."full_name" ORDER BY "users"."full_name" DESC) AS "array_agg" FROM users
