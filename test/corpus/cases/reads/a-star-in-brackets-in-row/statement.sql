SELECT row((u.*)) AS a, row((u).*, 1) AS b, (u.*).name FROM users u
