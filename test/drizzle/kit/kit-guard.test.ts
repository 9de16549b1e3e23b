import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../../support/postgres.ts'
import { columnsOf } from './columns-of.ts'
import { KitProject } from './kit-project.ts'
import { KIT, KIT_FORGETS, MIGRATING } from './kit-schemas.ts'

let database: TestDatabase
let project: KitProject

beforeAll(async () => {
  database = await createDatabase(newestMajor())
  project = new KitProject(database.url)
  project.write('schema.ts', MIGRATING)
  project.write('kit.ts', KIT)
  project.write('forgets.ts', KIT_FORGETS)
  await project.push('./kit.ts')
})
afterAll(async () => {
  project.remove()
  await database.drop()
})

const MISTAKES = [
  ['the whole schema of the application', './schema.ts'],
  ['a file that forgets one table', './forgets.ts'],
  ['both files', './{kit,schema}.ts'],
] as const

test.each(MISTAKES)(
  'drizzle-kit is given %s: it stops before it does anything',
  {
    timeout: 300_000,
  },
  async (_, schema) => {
    const before = await columnsOf(database.url)
    expect(before).toMatchObject({
      name: 'character varying(100) not null',
      first_name: 'text',
      amount: 'numeric(12,2)',
    })

    const generated = await project.generate(schema)
    expect(generated.printed).toMatch(/EC_DRIZZLE_KIT.*"orders".*"cents".*physicalTables/su)
    expect(generated.migration).toBe('')

    expect(await project.push(schema)).toContain('EC_DRIZZLE_KIT')
    expect(await columnsOf(database.url)).toEqual(before)
  },
)
