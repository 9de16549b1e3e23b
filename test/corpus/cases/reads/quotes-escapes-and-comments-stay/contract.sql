SELECT "users"."full_name" AS "name" /* the /* full */ name */ FROM "users" -- '
