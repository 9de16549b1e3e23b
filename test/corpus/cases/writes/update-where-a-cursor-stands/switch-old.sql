UPDATE users SET name = 'x', "full_name" = 'x' WHERE CURRENT OF c
