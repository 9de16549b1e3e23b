SELECT full_name FROM teams WHERE EXISTS (SELECT 1 FROM users WHERE users.email = "teams"."full_name")
