/*+ IndexScan(users) */ SELECT -- the name
  ("users"."full_name"::"pg_catalog"."varchar") AS "name" /* not full_name */
FROM users -- of a user
WHERE "users"."full_name" = '😀' /* traceparent='00-ab' */
