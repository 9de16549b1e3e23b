import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/** What a program prints that makes a MigratingDataSource of a copy of TypeORM, by its name in test/package.json. */
async function program(copy: string): Promise<string> {
  const source = `
    import('@expand-contract/typeorm')
      .then(({ MigratingDataSource }) => new MigratingDataSource({ type: 'postgres' }))
      .then(() => console.log('made'), ({ code, message, hint }) => console.log(code, message, hint))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@expand-contract/source', '--import', './typeorm-copy.ts', '--eval', source],
    {
      cwd: join(import.meta.dirname, 'cli'),
      env: { ...process.env, TYPEORM_FOLDER: join(import.meta.dirname, '../node_modules', copy) },
    },
  )
  return stdout
}

it('is refused by name, with what to do', async () => {
  const printed = await program('typeorm-too-old')
  expect(printed).toContain('EC_TYPEORM_VERSION')
  expect(printed).toContain('older than 0.3.20')
  expect(printed).toContain('npm install typeorm@0.3')
})

it('is not the oldest that is supported', async () => {
  expect(await program('typeorm-oldest')).toBe('made\n')
})
