ALTER TABLE "customers" ADD COLUMN "full_name" text;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "total_cents" bigint;