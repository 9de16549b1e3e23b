UPDATE tokens SET "api_key" = NULL
