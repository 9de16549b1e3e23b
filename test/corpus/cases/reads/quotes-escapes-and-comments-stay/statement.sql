SELECT U&"n\0061me" /* the /* full */ name */ FROM "users" -- '
