INSERT INTO "visits" ("user_id", "note") SELECT "id", "name" || ' was here' FROM "users" WHERE "cents" = 5;
