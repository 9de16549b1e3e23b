import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { type CliAnswer, type CliProject, cliProject } from './run-cli.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null);
  insert into users select n, 'user ' || n from generate_series(1, 50) n;
  create table log (id int);`

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })
`
const MERGE = `
  import { mergeColumns } from '@expand-contract/core'
  export const whole = mergeColumns({
    table: 'pairs', from: { first: 'text', last: 'text' }, to: 'whole', type: 'text', forward: "first || ' ' || last",
    backward: { first: "split_part(whole, ' ', 1)", last: "split_part(whole, ' ', 2)" } })
`
const id = 'users.full_name'

interface Found {
  readonly groups: readonly { readonly findings: readonly { readonly code: string; readonly remedy: string }[] }[]
}

describe.each(postgresMajors())('PostgreSQL %i: doctor', (major) => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject

  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    project = await cliProject(database.url, DECLARATIONS)
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await database?.drop()
  })

  const cli = (line: string) => project.run(line.split(' '))
  const codesOf = (answer: CliAnswer): readonly string[] => {
    const { result } = answer.json().at(-1) as { readonly result: Found }
    return result.groups.flatMap(({ findings }) => findings.map(({ code }) => code))
  }

  test('without a control schema it says so, with 4; with one nothing is wrong, and warnings are none', async () => {
    expect(await cli(`doctor ${id}`)).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/\[no\] D26 .*\n[\s\S]*init/u),
    })
    await cli('init --yes')
    const fine = await cli('doctor')
    expect(fine).toMatchObject({ code: 0, stderr: expect.stringContaining('config') })
    expect(fine.stdout).toMatch(
      /^Server$[\s\S]*^users\.full_name$[\s\S]*^0 errors, \d+ warnings?, \d+ ok in .*stop expand/mu,
    )
    expect(fine.stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
    expect(await cli('doctor --strict')).toMatchObject({ code: 4 })
    expect(await cli(`doctor ${id} -v`)).toMatchObject({ code: 0, stdout: expect.stringContaining('[ok] D23') })
  })

  test('all rows with --full', async () => {
    await client.query("insert into users select n, 'x' from generate_series(51, 3000) n")
    expect(await cli(`doctor ${id} --full`)).toMatchObject({ code: 0 })
  })

  test('an unknown id ends with 2', async () => {
    expect(await cli('doctor users.x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('EC_NO_SUCH_MIGRATION'),
    })
  })

  test('plan says what expand would be told, and what must be changed before which stage', async () => {
    await client.query('create view readers as select id, name from users')
    const plan = await cli(`plan ${id}`)
    expect(plan).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^0 errors, \d warnings?; remedies: expand-contract doctor users\.full_name$[\s\S]*^\[! \] view public\.readers reads users\.name[^(]*\(doctor,\s+D07; before\s+contract\)/mu,
      ),
    })
    const all = (await cli('plan --json')).json().at(-1)
    expect(all).toMatchObject({
      result: {
        migrations: [
          {
            doctor: { findings: expect.arrayContaining([expect.objectContaining({ code: 'D07', level: 'warning' })]) },
          },
        ],
      },
    })
    expect((await cli(`plan ${id} --sql`)).stdout).not.toContain('doctor')
    await client.query('drop view readers')
  })

  test('expand is refused by an error, by its code, with 3; what is known and meant is recorded', async () => {
    await using merging = await cliProject(database.url, MERGE)
    const other = (line: string) => merging.run(line.split(' '))
    await client.query(`create table pairs (id int primary key, first text, last text);
      create function copied() returns setof pairs language plpgsql as $$ begin return query select id, first, last from pairs; end $$;
      grant update (first) on pairs to pg_monitor`)
    const refused = await other(`expand pairs.whole --yes`)
    expect(refused).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(
        /EC_DOCTOR: .*D43 .*D47 .*\n.*doctor pairs\.whole.*--override doctor:D43 --reason/su,
      ),
    })
    expect(refused.stderr).not.toContain('doctor:D47')
    expect(await other(`expand pairs.whole --yes --override doctor:D43`)).toMatchObject({ code: 2 })
    const half = await merging.run([
      'expand',
      'pairs.whole',
      '--yes',
      '--override',
      'doctor:D43,doctor:D47',
      '--reason',
      'unused',
    ])
    expect(half).toMatchObject({ code: 3, stderr: expect.stringMatching(/EC_DOCTOR: (?!.*D43).*D47/u) })
    await client.query('revoke update (first) on pairs from pg_monitor')
    const done = await merging.run(['expand', 'pairs.whole', '--yes', '--override', 'doctor:D43', '--reason', 'unused'])
    expect(done).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/\[ok\] doctor 1 error, \d warnings? \(.*D43/u),
    })
    const { rows } = await client.query("select figures from expand_contract.events where kind = 'expanded'")
    expect(rows[0].figures).toMatchObject({ overridden: 'D43', reason: 'unused' })
    await client.query('drop function copied')
    expect(await other('doctor pairs.whole')).toMatchObject({ code: 0 })
    expect(await cli(`expand ${id} --yes`)).toMatchObject({ code: 0 })
    expect(await cli(`doctor ${id}`)).toMatchObject({ code: 0 })
  })

  test('what drizzle-kit is given, and a data source that synchronizes', async () => {
    const write = (file: string, text: string) => writeFile(join(project.folder, file), text)
    await write('drizzle.config.ts', "export default { dialect: 'postgresql', schema: './kit.ts' }")
    await write(
      'kit.ts',
      "import { integer, pgTable, text } from 'drizzle-orm/pg-core'\nexport const users = pgTable('users', { id: integer().primaryKey(), name: text() })",
    )
    expect(codesOf(await cli(`doctor ${id} --json`))).toContain('D14')
    // A folder of its own, since a module is loaded once.
    await write('drizzle.config.ts', 'export default {}')
    await using fixed = await cliProject(database.url, DECLARATIONS)
    await writeFile(
      join(fixed.folder, 'drizzle.config.ts'),
      "export default { casing: 'snake_case', schema: ['./kit.ts'] }",
    )
    await writeFile(
      join(fixed.folder, 'kit.ts'),
      `import { physicalTables, migrating } from '@expand-contract/drizzle'
       import { integer, pgTable, text } from 'drizzle-orm/pg-core'
       export const { users } = physicalTables({ users: pgTable('users', { id: integer().primaryKey(), name: migrating(text(), { to: text('full_name') }) }) })`,
    )
    const answer = await fixed.run(['doctor', id, '--json'])
    expect(codesOf(answer)).not.toContain('D14')
    expect(answer.stderr).not.toContain('could not be looked at')

    await using orm = await cliProject(database.url, DECLARATIONS)
    await writeFile(
      join(orm.folder, 'data-source.js'),
      `import { MigratingDataSource, migratingSchema } from '@expand-contract/typeorm'
       import { EntitySchema } from 'typeorm'
       const User = migratingSchema(new EntitySchema({ name: 'User', tableName: 'users', columns: { id: { type: 'int', primary: true }, name: { type: 'text' } } }), { name: { to: { name: 'full_name', type: 'text' } } })
       export const dataSource = new MigratingDataSource({ type: 'postgres', synchronize: true, entities: [User] })`,
    )
    await writeFile(
      join(orm.folder, 'expand-contract.config.js'),
      "export default { typeorm: { dataSource: './data-source.js' } }",
    )
    expect(codesOf(await orm.run(['doctor', '--json']))).toContain('D63')
  })

  test('a configuration of a tool that cannot be loaded is told, and is nothing to fail for', async () => {
    await using broken = await cliProject(database.url, DECLARATIONS)
    await writeFile(join(broken.folder, 'drizzle.config.ts'), "throw new Error('no kit today')")
    expect(await broken.run(['doctor', id])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('could not be looked at'),
    })
  })
})
