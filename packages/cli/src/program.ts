import { Command } from '@commander-js/extra-typings'
import { commands } from './commands/commands.ts'
import { completionScript } from './completion/completion-script.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'
import { gatesHelp } from './help.ts'
import type { Io } from './io.ts'
import type { RunCommand } from './run-command.ts'
import { VERSION } from './version.ts'

/** The command line, with every command in it. */
export function buildProgram(io: Io, run: RunCommand): Command {
  const program = new Command('expand-contract')
    .description('Safe PostgreSQL column migrations while the application keeps running.')
    .version(VERSION, '-V, --version')
    .helpCommand('help [topic]', 'help on a command, on exit-codes, or on gates')
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ sortSubcommands: false })
  prepare(program, io)
  // Before the name of the command as well.
  withGlobals(program)
  for (const command of commands) {
    // An id that is missing is answered by the command, which knows the ids.
    const made = program.command(command.usage.replace('<id>', '[id]')).description(command.summary)
    made.usage(`${command.usage.replace(command.name, '').trim()} [options]`.trim())
    prepare(made as unknown as Command, io)
    for (const [flags, description] of command.options ?? []) made.option(flags, description)
    withGlobals(made as unknown as Command)
    made.addHelpText('after', helpAfter(command.examples, command.wayBack))
    made.action((...args: readonly unknown[]) => {
      const given = args.slice(0, -2)
      return run(command, given.filter((each) => each !== undefined).map(String), made.optsWithGlobals())
    })
  }
  const completion = program
    .command('completion <shell>')
    .description('prints the completion script of bash, zsh, fish or powershell')
  prepare(completion as unknown as Command, io)
  completion.action((shell) => {
    io.stdout.write(completionScript(shell))
  })
  const topics: Readonly<Record<string, () => string>> = { 'exit-codes': exitCodesHelp, gates: gatesHelp }
  for (const [topic, text] of Object.entries(topics)) {
    const help = program.command(topic, { hidden: true }).action(() => {
      io.stdout.write(text())
    })
    prepare(help as unknown as Command, io)
    help.helpInformation = text
  }
  return program as unknown as Command
}

function withGlobals(command: Command): void {
  command.optionsGroup('Options of every command:')
  for (const [flags, description] of GLOBAL_OPTIONS) command.option(flags, description)
}

/** No library ends the process: what was written would be cut. */
function prepare(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    getOutHelpWidth: () => io.stdout.columns ?? 100,
    getErrHelpWidth: () => io.stderr.columns ?? 100,
  })
}

function helpAfter(examples: readonly string[], wayBack: string | undefined): string {
  return [
    '',
    'Examples:',
    ...examples.map((example) => `  $ expand-contract ${example}`),
    ...(wayBack === undefined ? [] : ['', `Way back: ${wayBack}`]),
    '',
    'Environment: DATABASE_URL, PGPASSFILE and what else libpq reads, NO_COLOR, FORCE_COLOR, CI',
    'Exit codes: expand-contract help exit-codes',
  ].join('\n')
}

const exitCodesHelp = (): string =>
  `${Object.values(EXIT_CODES)
    .map(({ code, what }) => `${String(code).padStart(3)}  ${what}`)
    .join('\n')}\n`
