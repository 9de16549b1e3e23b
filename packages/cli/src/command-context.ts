import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadEnvFile } from 'node:process'
import { type Migration, shellWord } from '@expand-contract/core'
import { cliError } from './cli-error.ts'
import { findConfig } from './config/find-config.ts'
import { loadModule } from './config/load-module.ts'
import { type ParsedConfig, parseConfig } from './config/parse-config.ts'
import { readDeclarations } from './config/read-declarations.ts'
import { askForName, askToContinue } from './consent.ts'
import { type OpenDatabase, openDatabase } from './database.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import type { Ended } from './json/result-json.ts'
import type { Output } from './output/output.ts'
import type { StopSignal } from './stop-signal.ts'

/** What a command was given, to be said again. */
interface CommandWords {
  readonly id?: string | undefined
  /** As a shell takes them. */
  readonly flags?: string | undefined
}

/** What commands work with: configuration, declarations, database and consent, each once it is asked for. */
export class CommandContext {
  readonly io: Io
  readonly globals: Globals
  readonly output: Output
  readonly stop: StopSignal
  readonly command: string
  #config: ParsedConfig | undefined
  #migrations: readonly Migration[] | undefined
  #migration: string | undefined
  #database: string | undefined
  readonly #opened: OpenDatabase[] = []

  constructor(parts: Pick<CommandContext, 'io' | 'globals' | 'output' | 'stop' | 'command'>) {
    this.io = parts.io
    this.globals = parts.globals
    this.output = parts.output
    this.stop = parts.stop
    this.command = parts.command
  }

  /** Who does it, as others see it: `dana@ops-2`. */
  get who(): string {
    return `${this.io.user}@${this.io.host}`
  }

  /** What is known of the run, also where it fails. */
  get about(): Pick<Ended, 'command' | 'migration' | 'database'> {
    return { command: this.command, migration: this.#migration, database: this.#database }
  }

  /** What the command has raised, as people are told it. */
  explained(error: unknown): unknown {
    return this.#opened.reduce((told, database) => database.explained(told), error)
  }

  /** @throws EC_CONFIG, EC_CONFIG_LOAD */
  async config(): Promise<ParsedConfig> {
    this.#config ??= await this.#readConfig()
    return this.#config
  }

  async #readConfig(): Promise<ParsedConfig> {
    const { config, envFile } = this.globals
    if (envFile !== undefined) {
      const file = resolve(this.io.cwd, envFile)
      if (!existsSync(file))
        throw cliError('EC_CONFIG', {
          message: `${file} is not there.`,
          hint: 'Name the file that --env-file is to read.',
        })
      loadEnvFile(file)
    }
    const file = config === undefined ? findConfig(this.io.cwd) : resolve(this.io.cwd, config)
    if (file === undefined) return parseConfig(undefined, {})
    if (!existsSync(file))
      throw cliError('EC_CONFIG', {
        message: `${file} is not there.`,
        hint: 'Name the configuration that --config is to read.',
      })
    this.output.note(`config ${file}`)
    const module = await loadModule({ file, loader: 'auto', decorators: false })
    return parseConfig(file, 'default' in module ? module.default : module)
  }

  /** @throws EC_CONFIG, EC_CONFIG_LOAD, EC_DECLARATIONS */
  async migrations(): Promise<readonly Migration[]> {
    this.#migrations ??= await readDeclarations(await this.config())
    return this.#migrations
  }

  /** @throws EC_NO_SUCH_MIGRATION */
  async migration(id: string): Promise<Migration> {
    const migrations = await this.migrations()
    const found = migrations.find((each) => each.id === id)
    if (found !== undefined) {
      this.#migration = id
      return found
    }
    throw cliError('EC_NO_SUCH_MIGRATION', {
      message: `No migration ${JSON.stringify(id)} is declared.`,
      hint: `Declared are: ${migrations.map((each) => `expand-contract ${this.command} ${shellWord(each.id)}`).join(', ')}.`,
    })
  }

  /** @throws EC_CONNECTION */
  async database(about?: string): Promise<OpenDatabase> {
    const { io, output, globals } = this
    const name = ['expand-contract', this.command, ...(about === undefined ? [] : [about])].join(' ')
    const database = await openDatabase({ io, output, config: await this.config(), url: globals.url, name })
    this.#database = database.facts.name
    this.#opened.push(database)
    this.stop.onSecond(() => database.cancel())
    return database
  }

  /** @throws EC_CONSENT */
  async confirm(id?: string, flags?: string): Promise<void> {
    const { io, globals } = this
    await askToContinue({ io, globals, command: this.#again({ id, flags }) })
  }

  /** @throws EC_CONSENT */
  async confirmName(of: CommandWords, token: string, given: string | undefined): Promise<void> {
    const { io, globals } = this
    await askForName({ io, globals, command: this.#again(of) }, token, given)
  }

  /** This command, as a shell takes it. */
  #again({ id, flags = '' }: CommandWords): string {
    const words = ['expand-contract', this.command, ...(id === undefined ? [] : [shellWord(id)]), flags]
    return words.filter((word) => word !== '').join(' ')
  }
}
