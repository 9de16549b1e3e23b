import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

/** Its id has all of these. */
const NAME = `Us'er "$HOME" \`x\``
const ID = `My Schema.${NAME}.full name`

/** What a shell makes of a line. */
const words = (line: string): readonly string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${line}`])
    .toString('utf8')
    .split('\0')
    .slice(0, -1)

const commandsIn = (value: unknown): readonly string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, each]) =>
        key === 'command' && String(each).startsWith('expand-contract') ? [String(each)] : commandsIn(each),
      )

test('what is printed to be pasted is what a shell takes it for, whatever the names', async () => {
  const table = `"My Schema"."${NAME.replaceAll('"', '""')}"`
  const database = await createDatabase(newestMajor(), {
    sql: `create schema "My Schema"; create table ${table} (id int primary key, "the name" text); insert into ${table} values (1, 'a')`,
  })
  {
    const declared = { id: ID, table, from: 'the name', to: 'full name', type: 'text', flag: 'f' }
    await using project = await cliProject(
      database.url,
      `import { renameColumn } from '@expand-contract/core'
       export const fullName = renameColumn(${JSON.stringify(declared)})`,
      { hold: '0ms' },
    )
    const seen: string[] = []
    const run = async (...args: string[]): Promise<readonly string[]> => {
      const { json } = await project.run([...args, '--json'])
      const said = json().flatMap(commandsIn)
      seen.push(...said)
      return said
    }
    await run('init', '--yes')
    for (const command of [
      'plan',
      'switch',
      'expand',
      'verify',
      'backfill',
      'status',
      'contract',
      'hold',
      'pause',
      'resume',
      'repair',
    ])
      await run(command, ID, '--yes')
    await run('verify', ID)
    await run('switch', ID, '--yes')
    await run('verify', ID)
    await run('contract', ID, '--yes', '--override', 'soak', '--reason', 'a test')
    await run('hold', ID, '--yes')
    await run('backup', ID, '--out', 'a b.zst')
    const about = seen.filter((line) => !/ (?:status|init|log)$/u.test(line))
    expect(about.length).toBeGreaterThan(15)
    expect(about.filter((line) => words(line)[2] !== ID)).toEqual([])

    // What is missing to a consent is pasted, and is a consent.
    const { code, stderr } = await project.run(['drop', ID])
    expect(code).toBe(5)
    const [, asked = ''] = /Run: (?<line>.*)/u.exec(stderr) ?? []
    const [, ...args] = words(asked)
    expect(args).toEqual(['drop', ID, '--confirm', expect.stringContaining(`${NAME}.the name@`)])
    expect((await project.run(args)).stdout).toContain('Way back:')
    const restore = await project.run(['restore', ID, '--from', 'a b.zst'])
    const [, again = ''] = /Run: (?<line>.*)/u.exec(restore.stderr) ?? []
    expect(words(again).slice(1, 5)).toEqual(['restore', ID, '--from', 'a b.zst'])
    expect((await project.run(words(again).slice(1))).code).toBe(0)
  }
  await database.drop()
})
