UPDATE places SET street = town, town = street, "address" = (((town)::text) || ', ' || ((street)::text))
