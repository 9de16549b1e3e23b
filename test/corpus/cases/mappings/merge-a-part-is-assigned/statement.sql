UPDATE places SET town = 'x' WHERE street = 'y'
