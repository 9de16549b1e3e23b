UPDATE tokens SET "api_key" = gen_random_uuid(), owner = 3
