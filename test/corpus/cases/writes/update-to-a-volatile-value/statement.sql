UPDATE tokens SET secret = gen_random_uuid(), owner = 3
