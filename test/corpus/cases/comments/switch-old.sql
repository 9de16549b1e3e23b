/*+ IndexScan(users) */ SELECT -- the name
  name /* not full_name */
FROM users -- of a user
WHERE name = '😀' /* traceparent='00-ab' */
