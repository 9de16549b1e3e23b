import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { documentedFiles } from './documented-files.ts'
import type { PackedEnvironment } from './packed-environment.ts'
import { runCommand } from './run-command.ts'
import { runOnDatabase } from './run-on-database.ts'

const APP = join(import.meta.dirname, 'nest-app')

/** As `nest new` writes them, of NestJS 10 and of NestJS 11. */
const PROJECTS = [
  { typeorm: '0.3', compilerOptions: { module: 'commonjs' } },
  { typeorm: '1', compilerOptions: { module: 'nodenext', moduleResolution: 'nodenext', isolatedModules: true } },
] as const

/** Which TypeORM is loaded by the project, by NestJS and by us. */
const PRINT_TYPEORM = `
  for (const from of [process.cwd(), ...['@nestjs/typeorm', '@expand-contract/typeorm'].map(require.resolve)])
    console.log(require.resolve('typeorm', { paths: [from] }))`

/** A NestJS project with TypeORM, compiled and tested by jest as `nest new` has it, with nothing else configured. */
export function describeNestProjects(environment: () => PackedEnvironment): void {
  describe.each(PROJECTS)('a NestJS project on TypeORM $typeorm', ({ typeorm, compilerOptions }) => {
    let folder: string
    const tool = (path: string): string => join(environment().project.folder, 'node_modules', path)

    beforeAll(async () => {
      folder = join(environment().project.folder, `nest-app-${typeorm}`)
      await cp(APP, folder, { recursive: true })
      if (typeorm === '0.3') await useOlderTypeorm(environment().project.folder, folder)
      const file = join(folder, 'tsconfig.json')
      const asCommitted = JSON.parse(await readFile(file, 'utf8')) as { readonly compilerOptions: object }
      const options = { ...asCommitted.compilerOptions, ...compilerOptions }
      await writeFile(file, JSON.stringify({ compilerOptions: options }))
    })

    it(`compiles with module: ${compilerOptions.module}`, async () => {
      const used = await runCommand(folder, process.execPath, '--eval', PRINT_TYPEORM)
      expect(
        new Set(
          used
            .trim()
            .split('\n')
            .map((file) => /[\\/]typeorm-0\.3[\\/]/u.test(file)),
        ),
      ).toEqual(new Set([typeorm === '0.3']))
      await runCommand(folder, process.execPath, tool('typescript/bin/tsc'))
    })

    it('passes its tests by jest and ts-jest', async () => {
      const { server } = environment()
      await runOnDatabase(server, (url) =>
        runCommand(
          { cwd: folder, env: { DATABASE_URL: url } },
          process.execPath,
          tool('jest/bin/jest.js'),
          '--runInBand',
        ),
      )
    })
  })

  it.each(['src/app.module.ts', 'src/fleet.service.ts'])('the page prints %s of that project', async (file) => {
    expect(documentedFiles('docs/bundlers-and-jest.md').get(file)).toBe(await readFile(join(APP, file), 'utf8'))
  })
}

/** What npm makes of a project that asks for 0.3: it and those that have it as a peer. */
async function useOlderTypeorm(project: string, folder: string): Promise<void> {
  const installed = join(project, 'node_modules')
  const own = join(folder, 'node_modules')
  await mkdir(own)
  await symlink(join(installed, 'typeorm-0.3'), join(own, 'typeorm'), 'junction')
  for (const name of ['@nestjs/typeorm', '@expand-contract/typeorm'])
    await cp(join(installed, name), join(own, name), { recursive: true })
}
