UPDATE places SET address = md5(random()::text), note = 'n'
