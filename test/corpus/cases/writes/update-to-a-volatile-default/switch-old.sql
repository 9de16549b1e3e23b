UPDATE tokens SET ("secret", "api_key") = (SELECT ec."secret", ec."secret" FROM (SELECT gen_random_uuid() AS "secret" WHERE "tokens".tableoid IS NOT NULL OFFSET 0) AS ec)
