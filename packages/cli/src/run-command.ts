import { ExpandContractError, type Phase } from '@expand-contract/core'
import { endingOf } from './cli-error.ts'
import type { CommandResult } from './command.ts'
import { CommandContext } from './command-context.ts'
import { type Ending, EXIT_CODES } from './exit-codes.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { Output } from './output/output.ts'
import { listenForStop } from './stop-signal.ts'

/** One command: how it is called, and what it does. */
export interface CliCommand {
  readonly name: string
  /** `backfill <id>` */
  readonly usage: string
  readonly summary: string
  readonly options?: readonly (readonly [flags: string, description: string])[]
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
    const result = await command.run(context, given.args, given.options)
    const ending = stop.ending() ?? result.ending
    output.result({ type: 'result', ...envelope(command, ending, result) }, textOf(result))
    return EXIT_CODES[ending].code
  } catch (error) {
    return failed(command, { error, output, ending: stop.ending() ?? endingOf(error) })
  } finally {
    stop.end()
  }
}

interface Envelope {
  readonly ok: boolean
  readonly command: string
  readonly exitCode: number
  readonly migration: string | undefined
  readonly phase: Phase | undefined
  readonly result: Readonly<Record<string, unknown>>
  readonly gates: CommandResult['gates']
  readonly next: NonNullable<CommandResult['next']>
  readonly warnings: readonly string[]
}

function envelope({ name }: CliCommand, ending: Ending, result: CommandResult): Envelope {
  const { migration, phase, gates, next = [], warnings = [] } = result
  const { code } = EXIT_CODES[ending]
  return {
    ok: code === 0,
    command: name,
    exitCode: code,
    migration,
    phase,
    result: result.result,
    gates,
    next,
    warnings,
  }
}

/** The text of a result ends with what to do next. */
function textOf({ text, next = [] }: CommandResult): string {
  const [first, ...others] = next
  if (first === undefined) return text
  const line = ({ command, why }: typeof first): string =>
    why === undefined ? command : `${command.padEnd(58)}  ${why}`
  return [text.trimEnd(), '', `Next:  ${line(first)}`, ...others.map((each) => `       ${line(each)}`)].join('\n')
}

function failed(
  { name }: CliCommand,
  { error, output, ending }: { readonly error: unknown; readonly output: Output; readonly ending: Ending },
): number {
  const { code } = EXIT_CODES[ending]
  const known = ExpandContractError.isInstance(error)
  const message = error instanceof Error ? error.message : String(error)
  if (output.json) {
    const facts = { code: known ? error.code : undefined, message, hint: known ? error.hint : undefined }
    output.result(
      { type: 'result', ok: false, command: name, exitCode: code, result: {}, next: [], warnings: [], error: facts },
      '',
    )
  } else output.warn(known ? message : `${message}\n${error instanceof Error ? (error.stack ?? '') : ''}`)
  return code
}
