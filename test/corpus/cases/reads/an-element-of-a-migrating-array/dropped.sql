SELECT "labels"."tags"[1] AS "words", "labels"."tags" AS "words" FROM labels WHERE "labels"."tags" @> $1
