SELECT ((u.*)), (u.*) AS x FROM users u
