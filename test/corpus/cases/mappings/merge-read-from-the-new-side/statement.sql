SELECT address, * FROM places
