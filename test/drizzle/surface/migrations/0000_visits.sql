CREATE TABLE "visits" ("id" serial PRIMARY KEY, "user_id" integer NOT NULL, "note" text);
--> statement-breakpoint
INSERT INTO "users" ("name", "age") VALUES ('Migrated', 33);
--> statement-breakpoint
UPDATE "users" SET "cents" = "cents" + 5 WHERE "name" = 'Migrated';
