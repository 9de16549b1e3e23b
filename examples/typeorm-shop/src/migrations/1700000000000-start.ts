import type { MigrationInterface, QueryRunner } from 'typeorm'

export class Start1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "customers" ("id" SERIAL PRIMARY KEY, "email" text NOT NULL UNIQUE, "name" character varying(100) NOT NULL)`,
    )
    await queryRunner.query(
      `CREATE TABLE "orders" ("id" SERIAL PRIMARY KEY, "customerId" integer NOT NULL REFERENCES "customers")`,
    )
    await queryRunner.query(
      `CREATE TABLE "order_lines" ("id" SERIAL PRIMARY KEY, "product" text NOT NULL, "cents" integer NOT NULL, "orderId" integer NOT NULL REFERENCES "orders" ON DELETE CASCADE)`,
    )
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "order_lines", "orders", "customers"`)
  }
}
