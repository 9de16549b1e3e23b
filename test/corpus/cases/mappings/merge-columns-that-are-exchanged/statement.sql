UPDATE places SET street = town, town = street
