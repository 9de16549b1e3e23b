import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface KitRun {
  readonly printed: string
  /** The text of the migration that `generate` wrote; '' where it wrote none. */
  readonly migration: string
}

/**
 * A project of a user with drizzle-kit, in a folder of its own: files are written, and the kit runs on them as its own process.
 * The packages of the workspace are found as sources, by the condition in NODE_OPTIONS.
 */
export class KitProject {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ec-drizzle-kit-'))

  constructor(databaseUrl: string) {
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(this.#folder, 'node_modules'), 'dir')
    this.write('package.json', '{ "type": "module", "private": true }')
    this.write(
      'drizzle.config.ts',
      `import { defineConfig } from 'drizzle-kit'
       export default defineConfig({ dialect: 'postgresql', schema: process.env.KIT_SCHEMA, casing: 'snake_case', schemaFilter: ['public', 'crm'],
         out: './migrations', dbCredentials: { url: '${databaseUrl}' } })`,
    )
  }

  /** Where `generate` writes; for Drizzle's `migrate`. */
  get migrationsFolder(): string {
    return join(this.#folder, 'migrations')
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text)
  }

  async generate(schema: string): Promise<KitRun> {
    const before = this.#migrations()
    const printed = await this.#run(schema, 'generate')
    const [written] = this.#migrations().filter((file) => !before.includes(file))
    return {
      printed,
      migration: written === undefined ? '' : readFileSync(join(this.migrationsFolder, written), 'utf8'),
    }
  }

  async push(schema: string): Promise<string> {
    return this.#run(schema, 'push', '--force', '--verbose')
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #migrations(): readonly string[] {
    try {
      return readdirSync(this.migrationsFolder).filter((file) => file.endsWith('.sql'))
    } catch {
      return []
    }
  }

  async #run(schema: string, ...args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [join(this.#folder, 'node_modules/drizzle-kit/bin.cjs'), ...args], {
      cwd: this.#folder,
      env: { ...process.env, KIT_SCHEMA: schema, NODE_OPTIONS: '--conditions=@expand-contract/source', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk
      })
    await once(child, 'close')
    return printed
  }
}
