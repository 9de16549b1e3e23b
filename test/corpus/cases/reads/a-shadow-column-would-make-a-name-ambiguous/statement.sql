SELECT full_name FROM users JOIN teams ON teams.lead = users.id WHERE full_name > 'a'
