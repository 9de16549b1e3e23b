UPDATE tokens SET secret = DEFAULT
