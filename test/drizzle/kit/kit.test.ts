import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../../support/postgres.ts'
import { runScript } from '../../support/query-server.ts'
import { columnsOf } from './columns-of.ts'
import { KitProject } from './kit-project.ts'
import { AFTER, BEFORE, KIT, KIT_CJS, MIGRATING } from './kit-schemas.ts'

let database: TestDatabase
let project: KitProject

beforeEach(async () => {
  database = await createDatabase(newestMajor())
  project = new KitProject(database.url)
  project.write('schema.ts', BEFORE)
  project.write('kit.ts', KIT)
  project.write('kit.cjs', KIT_CJS)
})
afterEach(async () => {
  project.remove()
  await database.drop()
})

const ADDED = ['amount', 'first_name', 'last_name', 'mood_text', 'team', 'user_big']
const LEFT = ['id', 'mail', ...ADDED].toSorted()
const DROPPED = ['cents', 'mood', 'name', 'team_id', 'user_id']

const statements = (migration: string): string[] =>
  migration.split('--> statement-breakpoint').flatMap((statement) => statement.trim() || [])

describe('generate', () => {
  const MIGRATED = { migrationsSchema: 'drizzle' }
  async function apply(): Promise<void> {
    const pool = new pg.Pool({ connectionString: database.url })
    await migrate(drizzle({ client: pool }), { migrationsFolder: project.migrationsFolder, ...MIGRATED })
    await pool.end()
  }

  test('adds, then nothing, then drops', { timeout: 300_000 }, async () => {
    expect((await project.generate('./schema.ts')).migration).toContain('CREATE TABLE "users"')
    await apply()

    project.write('schema.ts', MIGRATING)
    const added = statements((await project.generate('./kit.ts')).migration)
    expect(added.toSorted()).toEqual(
      [
        'ALTER TABLE "users" ADD COLUMN "first_name" text;',
        'ALTER TABLE "users" ADD COLUMN "last_name" text;',
        'ALTER TABLE "users" ADD COLUMN "team" bigint;',
        'ALTER TABLE "crm"."orders" ADD COLUMN "amount" numeric(12, 2);',
        'ALTER TABLE "crm"."orders" ADD COLUMN "mood_text" text;',
        'ALTER TABLE "crm"."orders" ADD COLUMN "user_big" bigint;',
        'ALTER TABLE "crm"."orders" ADD CONSTRAINT "orders_user_big_users_id_fk" FOREIGN KEY ("user_big") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;',
        'CREATE UNIQUE INDEX "users_names_idx" ON "users" USING btree ("first_name","last_name" DESC NULLS LAST,"id");',
        'CREATE INDEX "users_team_idx" ON "users" USING btree ("team");',
        'ALTER TABLE "crm"."orders" ADD CONSTRAINT "orders_mood_text_unique" UNIQUE("mood_text");',
      ].toSorted(),
    )
    await apply()
    expect(Object.keys(await columnsOf(database.url))).toEqual(expect.arrayContaining([...ADDED, ...DROPPED]))

    // In the form that names no tables, which must come to the same.
    const again = await project.generate('./kit.cjs')
    expect(again.printed).toContain('No schema changes')
    expect(again.migration).toBe('')

    project.write('schema.ts', AFTER)
    const contract = statements((await project.generate('./schema.ts')).migration)
    expect(contract.filter((statement) => statement.includes('ADD COLUMN'))).toEqual([])
    expect(contract.filter((statement) => statement.includes('DROP COLUMN'))).toHaveLength(DROPPED.length)
    await apply()
    expect(await columnsOf(database.url)).toMatchObject({
      first_name: 'text not null',
      amount: 'numeric(12,2) not null default',
    })
    expect(Object.keys(await columnsOf(database.url)).toSorted()).toEqual(LEFT)
  })
})

describe('push', () => {
  test('adds, then nothing, then drops', { timeout: 300_000 }, async () => {
    await project.push('./schema.ts')
    const before = await columnsOf(database.url)

    project.write('schema.ts', MIGRATING)
    await project.push('./kit.ts')
    const nullable = { first_name: 'text', last_name: 'text', team: 'bigint', amount: 'numeric(12,2)' }
    const migrating = { ...before, ...nullable, mood_text: 'text', user_big: 'bigint' }
    expect(await columnsOf(database.url)).toEqual(migrating)

    expect(await project.push('./kit.ts')).toContain('No changes detected')
    expect(await columnsOf(database.url)).toEqual(migrating)

    project.write('schema.ts', AFTER)
    // `push` never changes the query of a view, so it could not drop the column that the view is made with.
    await runScript(database.url, 'drop view names')
    await project.push('./schema.ts')
    expect(Object.keys(await columnsOf(database.url)).toSorted()).toEqual(LEFT)
  })
})
