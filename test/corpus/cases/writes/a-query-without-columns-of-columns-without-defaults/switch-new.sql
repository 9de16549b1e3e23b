INSERT INTO labels SELECT FROM generate_series(1, 3) RETURNING "labels"."tags" AS "words"
