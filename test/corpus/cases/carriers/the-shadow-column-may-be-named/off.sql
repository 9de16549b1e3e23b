-- PostgreSQL answers 42703: column "full_name" does not exist
SELECT full_name, name FROM users
