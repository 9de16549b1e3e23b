UPDATE users SET "full_name" = 'x' WHERE CURRENT OF c
