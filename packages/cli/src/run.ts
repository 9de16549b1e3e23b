import { ExpandContractError } from '@expand-contract/core'
import { CommanderError } from 'commander'
import { EXIT_CODES } from './exit-codes.ts'
import type { Io } from './io.ts'
import { resultJson } from './json/result-json.ts'
import { Output } from './output/output.ts'
import { buildProgram } from './program.ts'
import { runCommand } from './run-command.ts'

/** The whole program: arguments in, exit code out. It ends no process, and touches none but through `io`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code = 0
  const program = buildProgram(io, async (command, args, options) => {
    code = await runCommand(io, command, { args, options })
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return endOfParsing(argv, io, error)
  }
}

/** Help and version end as they should; what is wrong with the command line ends with 2. */
function endOfParsing(argv: readonly string[], io: Io, error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  const usage = error instanceof CommanderError || ExpandContractError.isInstance(error)
  const ending = usage ? 'notStarted' : 'unexpected'
  const json = argv.includes('--json')
  const message = error instanceof Error ? error.message : String(error)
  const output = new Output(io, { json, quiet: false, color: !argv.includes('--no-color') })
  const command = argv.find((each) => !each.startsWith('-')) ?? ''
  if (json)
    output.result(
      resultJson({ command, ending, result: {}, error: { code: usage ? 'EC_USAGE' : 'unexpected', message } }),
      '',
    )
  // The parser has told its own.
  else if (!(error instanceof CommanderError)) output.warn(message)
  return EXIT_CODES[ending].code
}
