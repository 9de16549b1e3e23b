import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentedFiles } from './documented-files.ts'
import type { PackedEnvironment } from './packed-environment.ts'
import { runCommand } from './run-command.ts'
import { runOnDatabase } from './run-on-database.ts'

const PAGE = 'docs/bundlers-and-jest.md'

/** What the page prints for bundlers, run as it is printed; bundles are run where nothing is installed. */
export function describeBundlers(environment: () => PackedEnvironment): void {
  describe('bundlers', () => {
    let alone: string
    let folder: string

    const node = (...args: readonly string[]): Promise<string> => runCommand(folder, process.execPath, ...args)
    const ofPackage = (path: string): string => join(environment().project.folder, 'node_modules', path)

    beforeAll(async () => {
      alone = await mkdtemp(join(tmpdir(), 'expand-contract-bundles-'))
      folder = join(environment().project.folder, 'bundled')
      await mkdir(folder)
      await cp(join(import.meta.dirname, 'bundled-program.ts'), join(folder, 'main.ts'))
      await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }))
      for (const [file, text] of documentedFiles(PAGE))
        if (!file.includes('/')) await writeFile(join(folder, file), text)
    })

    afterAll(() => rm(alone, { recursive: true, force: true }))

    const run = (program: string): Promise<string> =>
      runOnDatabase(environment().server, (url) => runCommand(alone, process.execPath, program, url))

    /** Takes the bundle away from what it was made of. */
    async function takeAway(): Promise<void> {
      await rm(alone, { recursive: true })
      await cp(join(folder, 'bundle'), alone, { recursive: true })
      await rm(join(folder, 'bundle'), { recursive: true })
    }

    it('every configuration of the page is tried', () => {
      const files = [...documentedFiles(PAGE).keys()].filter((file) => !file.includes('/'))
      expect(files).toEqual([
        'esbuild.mjs',
        'esbuild-esm.mjs',
        'esbuild-external.mjs',
        'tsup.config.mjs',
        'webpack.config.cjs',
        'swc.mjs',
      ])
    })

    it.each([
      ['esbuild.mjs', 'esbuild.cjs'],
      ['esbuild-esm.mjs', 'esbuild.mjs'],
    ])('%s makes one file that needs no other', async (configuration, bundle) => {
      await node(configuration)
      await takeAway()
      expect(await readdir(alone)).toEqual([bundle])
      expect(await run(join(alone, bundle))).toBe('The bundle works.\n')
    })

    it('tsup.config.mjs makes one file that needs no other', async () => {
      await node(ofPackage('tsup/dist/cli-default.js'))
      await takeAway()
      expect(await readdir(alone)).toEqual(['tsup.js'])
      expect(await run(join(alone, 'tsup.js'))).toBe('The bundle works.\n')
    })

    it('swc.mjs and esbuild-external.mjs leave the packages where they are', async () => {
      for (const [configuration, program] of [
        ['swc.mjs', 'swc.cjs'],
        ['esbuild-external.mjs', 'external.cjs'],
      ] as const) {
        await node(configuration)
        expect(await readFile(join(folder, program), 'utf8')).toContain('require("@expand-contract/pg")')
        expect(await run(join(folder, program))).toBe('The bundle works.\n')
      }
    })

    it('webpack.config.cjs makes a bundle and a file with the parser; without that, EC_PARSER says what to do', async () => {
      const compile = `require(${JSON.stringify(ofPackage('webpack'))})(require('./webpack.config.cjs'), (error, stats) => {
        if (error) throw error
        console.log(JSON.stringify(stats.toJson({ all: false, errors: true, warnings: true })))
      })`
      const { errors, warnings } = JSON.parse(await node('--eval', compile)) as Record<string, { message: string }[]>
      expect({ errors, warnings }).toEqual({ errors: [], warnings: [] })
      await takeAway()
      const parser = (await readdir(alone)).filter((file) => file !== 'webpack.cjs')
      expect(parser).toHaveLength(1)
      expect(await run(join(alone, 'webpack.cjs'))).toBe('The bundle works.\n')

      await rm(join(alone, ...parser))
      const printed = await run(join(alone, 'webpack.cjs')).catch((error: Error) => error.message)
      expect(printed).toContain('EC_PARSER')
      expect(printed).toContain('every file that the bundler wrote')
    })
  })
}
