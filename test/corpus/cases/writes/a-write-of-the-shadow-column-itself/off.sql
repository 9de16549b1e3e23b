-- PostgreSQL answers 42703: column "full_name" of relation "users" does not exist
UPDATE users SET full_name = 'a', name = 'a'
