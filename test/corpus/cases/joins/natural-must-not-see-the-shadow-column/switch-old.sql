SELECT email FROM users JOIN teams ON "users"."id" = "teams"."id"
