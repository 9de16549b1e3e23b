UPDATE users SET full_name = 'a', name = 'a'
