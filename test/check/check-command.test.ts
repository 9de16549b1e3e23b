import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { declarationHash } from '@expand-contract/control'
import type { Log } from 'sarif'
import { expect, test } from 'vitest'
import { CHECK_RULES } from '../../packages/cli/src/check/check-rules.ts'
import { writeFrontMatter } from '../../packages/cli/src/runbook/front-matter.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { FULL_NAME } from './check-case.ts'
import { DECLARED, gitProject, UNDECLARED } from './git-project.ts'

const RUNBOOK = writeFrontMatter({
  ...{ id: 'users.full_name', phase: 'switch', since: new Date('2026-11-23T09:14:05Z'), epoch: 7 },
  ...{ declaration: declarationHash(FULL_NAME), table: 'users', old: ['name'], new: ['full_name'] },
})
const MAIN = {
  'src/migrations.js': DECLARED,
  'docs/migrations/users.full_name.md': `${RUNBOOK}# users.full_name\n`,
  'drizzle/0001_old.sql': 'alter table users drop column birthday;\n',
}
const DROP = { 'drizzle/0042_drop_name.sql': '-- generated\nALTER TABLE "users"\n  DROP COLUMN "name";\n' }

test('a change without a fault', async () => {
  await using project = await gitProject(MAIN)
  await project.commit({ 'drizzle/0002_age.sql': 'alter table users add column age int;\n' })
  const { code, stdout } = await project.run(['check'])
  expect([code, stdout]).toEqual([0, '1 migration file of this change, 1 older not looked at: nothing found\n'])
})

test('a drop before the soak is over, in a file that is not committed yet', async () => {
  await using project = await gitProject(MAIN)
  await project.write(DROP)
  const { code, stdout } = await project.run(['check', '--base', 'main'])
  expect(code).toBe(4)
  expect(stdout).toMatchInlineSnapshot(`
    "error[EC_DROP_BEFORE_SOAK]: drops users.name before its soak has begun
      --> drizzle/0042_drop_name.sql:3:15
       |
     3 |   DROP COLUMN "name";
       |               ^^^^^^
       = phase: switch (docs/migrations/users.full_name.md)
       = help: leave this file out until \`expand-contract wait users.full_name --for droppable\` is done
       = ignore: -- expand-contract-ignore EC_DROP_BEFORE_SOAK -- reason

    1 migration file of this change, 1 older not looked at: 1 error, 0 warnings
    "
  `)
})

test('the declaration goes, and its runbook with it: the runbook of before counts', async () => {
  await using project = await gitProject(MAIN)
  project.git('rm', '--quiet', 'docs/migrations/users.full_name.md')
  await project.commit({ ...DROP, 'src/migrations.js': UNDECLARED })
  const { code, json } = await project.run(['check', '--json'])
  expect([code, json()]).toMatchObject([
    4,
    [
      {
        ...{ ok: false, command: 'check', exitCode: 4 },
        result: {
          errors: 2,
          warnings: 0,
          findings: [
            { rule: 'EC_DROP_BEFORE_SOAK', file: 'drizzle/0042_drop_name.sql', line: 3, column: 15, endColumn: 21 },
            { rule: 'EC_ANNOTATION_REMOVED', file: 'src/migrations.js', line: 1, column: 1 },
          ],
        },
      },
    ],
  ])
})

test('a runbook that the change rewrites does not vouch for it', async () => {
  await using project = await gitProject(MAIN)
  const dropped = MAIN['docs/migrations/users.full_name.md'].replace('phase: switch', 'phase: dropped')
  await project.commit({ ...DROP, 'docs/migrations/users.full_name.md': dropped })
  expect((await project.run(['check'])).code).toBe(4)
})

test('the declaration and the drop come in one change', async () => {
  await using project = await gitProject({ 'src/migrations.js': UNDECLARED })
  await project.commit({ ...DROP, 'src/migrations.js': DECLARED })
  const { code, stdout } = await project.run(['check'])
  expect([code, stdout.split('\n')[0]]).toEqual([
    4,
    'error[EC_TWO_STAGES]: drops users.name in the change that declares users.full_name',
  ])
})

test('what was declared cannot be loaded: it says so, and goes on', async () => {
  await using project = await gitProject({ 'src/migrations.js': "import 'no-such-package'\n" })
  await project.commit({ ...DROP, 'src/migrations.js': DECLARED })
  const { code, stdout, stderr } = await project.run(['check'])
  expect([code, stdout.split(':')[0]]).toEqual([4, 'error[EC_DROP_BEFORE_SOAK]'])
  expect(stderr).toContain('what was declared before the change could not be loaded')
})

test('on GitHub: annotations with errors first, and a summary', async () => {
  await using project = await gitProject(MAIN)
  await project.commit({ ...DROP, 'drizzle/0041_a.sql': 'alter table orders rename ref to reference;\n' })
  const summary = join(project.folder, 'node_modules', 'summary.md')
  await project.write({ 'node_modules/summary.md': '# before\n' })
  const env = { GITHUB_ACTIONS: 'true', GITHUB_BASE_REF: 'main', GITHUB_STEP_SUMMARY: summary }
  const { code, stdout } = await project.run(['check'], { env })
  expect(code).toBe(4)
  expect(stdout.split('\n').filter((line) => line.startsWith('::'))).toEqual([
    '::error file=drizzle/0042_drop_name.sql,line=3,col=15,title=EC_DROP_BEFORE_SOAK::drops users.name before its soak has begun%0Aphase: switch (docs/migrations/users.full_name.md)%0Ahelp: leave this file out until `expand-contract wait users.full_name --for droppable` is done',
    "::warning file=drizzle/0041_a.sql,line=1,col=27,title=EC_ONE_STEP_RENAME::renames orders.ref in one step: old processes fail at once%0Ahelp: declare it: renameColumn({ table: 'orders', from: 'ref', to: 'reference' })",
  ])
  expect(await readFile(summary, 'utf8')).toMatch(
    /^# before\n### expand-contract check\n[\s\S]*\| error \| `EC_DROP_BEFORE_SOAK` \|/u,
  )
})

test('as SARIF, for code scanning', async () => {
  await using project = await gitProject(MAIN)
  await project.commit(DROP)
  const { code, stdout } = await project.run(['check', '--format', 'sarif', '--out', 'node_modules/report.sarif'])
  expect([code, stdout.split(':')[0]]).toEqual([4, 'error[EC_DROP_BEFORE_SOAK]'])
  const log: Log = JSON.parse(readFileSync(join(project.folder, 'node_modules/report.sarif'), 'utf8'))
  expect(log.version).toBe('2.1.0')
  const [run] = log.runs
  expect(run?.tool.driver.rules?.map(({ id }) => id)).toContain('EC_TWO_STAGES')
  expect(run?.results).toMatchObject([
    {
      ...{ ruleId: 'EC_DROP_BEFORE_SOAK', level: 'error' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'drizzle/0042_drop_name.sql' },
            region: { startLine: 3, startColumn: 15, endLine: 3, endColumn: 21 },
          },
        },
      ],
      partialFingerprints: { 'expandContract/v1': expect.stringMatching(/^[\da-f]{64}$/u) },
    },
  ])
})

test('as JSON and Markdown', async () => {
  await using project = await gitProject(MAIN)
  await project.commit(DROP)
  expect(JSON.parse((await project.run(['check', '--format', 'json'])).stdout)).toMatchObject({ errors: 1 })
  expect((await project.run(['check', '--format', 'markdown'])).stdout).toContain('| error | `EC_DROP_BEFORE_SOAK` |')
})

test('warnings end with 0, unless they are counted', async () => {
  await using project = await gitProject(MAIN)
  await project.commit({ 'drizzle/2.sql': 'alter table pets drop a;\n' })
  const codes: number[] = []
  for (const more of [[], ['--max-warnings', '1'], ['--max-warnings', '0']])
    codes.push((await project.run(['check', ...more])).code)
  expect(codes).toEqual([0, 0, 4])
})

test('what cannot begin ends with 2', async () => {
  await using project = await gitProject(MAIN)
  expect(await project.run(['check', '--base', 'no-such-branch'])).toMatchObject({ code: 2 })
  expect((await project.run(['check', '--base', 'no-such-branch'])).stderr).toContain('fetch-depth: 0')
  expect(await project.run(['check', '--max-warnings', 'few'])).toMatchObject({ code: 2 })
  expect(await project.run(['check', '--format', 'xml'])).toMatchObject({ code: 2 })
})

test('the database knows the phase', async () => {
  const database = await createDatabase(newestMajor(), { sql: 'create table users (id int primary key, name text)' })
  {
    const env = { DATABASE_URL: database.url }
    await using operator = await gitProject({ 'src/migrations.js': DECLARED })
    for (const command of [
      ['init', '--yes'],
      ['expand', 'users.full_name', '--yes'],
    ])
      expect((await operator.run(command, { env })).code).toBe(0)
    await using project = await gitProject({ 'src/migrations.js': DECLARED })
    await project.commit({ 'src/migrations.js': UNDECLARED })
    const { code, stdout } = await project.run(['check'], { env })
    expect([code, stdout]).toEqual([4, expect.stringContaining('phase: expand (the database)')])
    const unreachable = await project.run(['check'], {
      env: { DATABASE_URL: 'postgres://nobody:s3cret@127.0.0.1:1/x' },
    })
    expect([unreachable.code, unreachable.stdout]).toEqual([
      0,
      expect.stringContaining('no record says in which phase'),
    ])
    expect(unreachable.stderr).toContain('the database could not be asked')
    expect(unreachable.stderr).not.toContain('s3cret')
  }
  await database.drop()
})

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/operations/check.md'), 'utf8')

test('the commands of the page run', async () => {
  await using project = await gitProject(MAIN)
  await project.commit({ 'drizzle/0002_age.sql': 'alter table users add column age int;\n' })
  const commands = PAGE.match(/^npx expand-contract check.*$/gmu) ?? []
  expect(commands).toHaveLength(2)
  for (const command of commands)
    expect([command, (await project.run(command.split(' ').slice(2))).code]).toEqual([command, 0])
})

test('the page has every rule with its level', () => {
  for (const [rule, { level }] of Object.entries(CHECK_RULES))
    expect(PAGE).toMatch(new RegExp(`^\\|[^|]*\`${rule}\`[^|]*\\| ${level} `, 'mu'))
})
