import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { typeormFolder } from './typeorm-version.ts'

const folder = join(import.meta.dirname, 'cli')
const cli = join(typeormFolder, 'cli.js')

export interface CliRun {
  readonly exitCode: number
  readonly printed: string
}

/** TypeORM's own command-line tool, as a process of its own, on one database and one folder of migrations. */
export class TypeormCli {
  // Beside the data sources, so that what is generated finds the same packages.
  readonly migrations = join(folder, '.vitest', randomUUID())
  readonly #url: string

  constructor(url: string) {
    this.#url = url
    mkdirSync(this.migrations, { recursive: true })
  }

  /** Runs a command with one of the data sources of `cli/`. */
  async run(dataSource: string, ...command: readonly string[]): Promise<CliRun> {
    const [name = '', ...rest] = command
    const args = [
      '--conditions=@expand-contract/source',
      '--import',
      'tsx',
      '--import',
      './typeorm-copy.ts',
      cli,
      name,
      '-d',
      `${dataSource}.ts`,
      ...rest,
    ]
    const env = {
      ...process.env,
      DATABASE_URL: this.#url,
      MIGRATIONS: this.migrations,
      NO_COLOR: '1',
      TYPEORM_FOLDER: typeormFolder,
    }
    const run = promisify(execFile)(process.execPath, args, { cwd: folder, env })
    return run.then(
      ({ stdout, stderr }) => ({ exitCode: 0, printed: stdout + stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        exitCode: error.code,
        printed: error.stdout + error.stderr,
      }),
    )
  }

  /** What `migration:generate` puts into its file; undefined where it finds nothing to do, and makes none. */
  async generate(dataSource: string, name: string): Promise<readonly string[] | undefined> {
    const { printed, exitCode } = await this.run(dataSource, 'migration:generate', join(this.migrations, name))
    if (exitCode !== 0) {
      if (printed.includes('No changes in database schema were found')) return undefined
      throw new Error(printed)
    }
    const file = readdirSync(this.migrations).find((each) => each.endsWith(`-${name}.ts`))
    const text = readFileSync(join(this.migrations, file ?? ''), 'utf8')
    const up = text.slice(text.indexOf('async up'), text.indexOf('async down'))
    return [...up.matchAll(/queryRunner\.query\(`(?<sql>[^`]*)`\)/gu)].map((match) => match.groups?.sql ?? '')
  }

  async migrate(dataSource: string): Promise<void> {
    const { exitCode, printed } = await this.run(dataSource, 'migration:run')
    if (exitCode !== 0) throw new Error(printed)
  }

  remove(): void {
    rmSync(this.migrations, { recursive: true })
  }
}
