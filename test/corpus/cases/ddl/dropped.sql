-- PostgreSQL answers 42703: column "name" does not exist
CREATE INDEX ON users (name)
