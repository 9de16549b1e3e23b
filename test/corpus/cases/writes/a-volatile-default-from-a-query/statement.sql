INSERT INTO tokens (owner) SELECT lead FROM teams
