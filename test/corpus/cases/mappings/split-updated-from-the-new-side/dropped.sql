UPDATE people SET last_name = $1
