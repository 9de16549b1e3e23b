import { ExpandContractError, shellWord } from '@expand-contract/core'
import { cliError, endingOf } from './cli-error.ts'
import type { CommandResult } from './command.ts'
import { CommandContext } from './command-context.ts'
import { type Ending, EXIT_CODES } from './exit-codes.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { resultJson } from './json/result-json.ts'
import { Output } from './output/output.ts'
import { nextLines } from './screens/next-lines.ts'
import type { Screen } from './screens/screen.ts'
import { listenForStop } from './stop-signal.ts'

/** A flag; what it takes is completed by shells: some words, or names of files. */
export type CliOption = readonly [flags: string, description: string, takes?: readonly string[] | 'file']

/** One command: how it is called, and what it does. */
export interface CliCommand {
  readonly name: string
  /** `backfill <id>` */
  readonly usage: string
  readonly summary: string
  readonly options?: readonly CliOption[]
  readonly examples: readonly string[]
  /** How what it does is taken back; undefined where it changes nothing. */
  readonly wayBack?: string
  run(
    context: CommandContext,
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<CommandResult>
}

export type RunCommand = (
  command: CliCommand,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<void>

/** Runs one command to its exit code. Whatever it raises becomes a text, or JSON, and a code. */
export async function runCommand(
  io: Io,
  command: CliCommand,
  given: { readonly args: readonly string[]; readonly options: Readonly<Record<string, unknown>> },
): Promise<number> {
  const globals = given.options as Globals
  const output = new Output(io, {
    json: globals.json === true,
    quiet: globals.quiet === true,
    color: globals.color !== false,
  })
  const stop = listenForStop(io, output)
  const context = new CommandContext({ io, globals, output, stop, command: command.name })
  try {
    if (needsId(command) && given.args.length === 0) throw await missingId(context)
    const result = await command.run(context, given.args, given.options)
    const ending = stop.ending() ?? result.ending
    for (const warning of output.json ? [] : (result.warnings ?? [])) output.warn(`warning: ${warning}`)
    output.result(resultJson({ ...context.about, ...result, ending }), textOf(result))
    if (ending === 'done') await result.afterwards?.().catch(() => undefined)
    return EXIT_CODES[ending].code
  } catch (raised) {
    const error = context.explained(raised)
    return failed(context, error, stop.ending() ?? endingOf(error))
  } finally {
    stop.end()
    output.end()
  }
}

const needsId = ({ usage }: CliCommand): boolean => usage.includes('<id>')

/** The ids as commands to paste, where the configuration can be read. */
async function missingId(context: CommandContext): Promise<Error> {
  const known = await context.migrations().catch(() => [])
  const commands = known.map(({ id }) => `expand-contract ${context.command} ${shellWord(id)}`)
  return cliError('EC_USAGE', {
    message: `${context.command} needs the id of a migration.`,
    hint: commands.length === 0 ? 'expand-contract status lists what is declared.' : `Run: ${commands.join(', or ')}`,
  })
}

/** The text of a result ends with what to do next. */
function textOf({ text, next = [], bare = false }: CommandResult): Screen {
  return (options) => {
    const shown = typeof text === 'string' ? text : text(options)
    return bare ? shown : [shown.trimEnd(), ...nextLines(next, options)].join('\n')
  }
}

function failed({ output, about }: CommandContext, raised: unknown, ending: Ending): number {
  const known = ExpandContractError.isInstance(raised)
  const message = raised instanceof Error ? raised.message : String(raised)
  if (output.json) {
    const error = { code: codeOf(raised), message, ...(known && raised.hint !== undefined && { hint: raised.hint }) }
    output.result(resultJson({ ...about, ending, result: {}, error }), '')
  } else output.warn(known ? message : `${message}\n${raised instanceof Error ? (raised.stack ?? '') : ''}`)
  return EXIT_CODES[ending].code
}

/** Our own code, or PostgreSQL's SQLSTATE. */
function codeOf(raised: unknown): string {
  const code = typeof raised === 'object' && raised !== null && 'code' in raised ? raised.code : undefined
  return typeof code === 'string' ? code : 'unexpected'
}
