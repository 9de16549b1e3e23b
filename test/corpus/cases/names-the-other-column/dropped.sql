-- PostgreSQL answers 42703: column "name" does not exist
UPDATE users SET full_name = name WHERE full_name IS NULL
