TABLE users
