SELECT words[1], words FROM labels WHERE words @> $1
