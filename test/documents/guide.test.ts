import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { cliProject } from '../cli/run-cli.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/guide.md'), 'utf8')

/** The blocks, one after another: commands, and what the last one of them says. */
const blocks = [...GUIDE.matchAll(/```(sh|text)\n([^`]*)```/gu)].map(([, kind = '', text = '']) => ({
  kind,
  lines: text.trim().split('\n'),
}))

/** The words of a command line, with quotes taken off. */
const wordsOf = (line: string): readonly string[] =>
  (line.match(/"[^"]*"|\S+/gu) ?? []).map((word) => word.replaceAll('"', ''))

test('the commands of the guide do what it says, and what it shows is what they say', async () => {
  const database = await createDatabase(newestMajor(), {
    sql: "create table users (id int primary key, name text not null); insert into users select n, 'user ' || n from generate_series(1, 500) n;",
  })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const declarations = `import { renameColumn } from '@expand-contract/core'
    export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })`
  {
    await using project = await cliProject(database.url, declarations)
    for (const [index, { kind, lines }] of blocks.entries()) {
      if (kind === 'text') continue
      const next = blocks[index + 1]
      const said = next?.kind === 'text' ? next.lines : []
      for (const [nr, line] of lines.entries()) {
        const refused = said.length > 0 && nr === lines.length - 1
        await client.query('analyze users')
        const words = wordsOf(line.replace('npx expand-contract ', '').replace('@shop', `@${database.name}`))
        const { code, stdout, stderr } = await project.run(words)
        expect([line, code, code === 0 || refused ? '' : stdout + stderr]).toEqual([line, refused ? 3 : 0, ''])
        const shown = `${stdout} ${stderr}`.replaceAll(/\s+/gu, ' ')
        if (refused) for (const part of said) expect(shown, line).toContain(part)
      }
    }
  }
  await client.end()
  await database.drop()
})
