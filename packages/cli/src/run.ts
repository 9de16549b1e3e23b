import type { Io } from './io.ts'
import { buildProgram, endOfParsing } from './program.ts'
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
    const ended = endOfParsing(error)
    if (ended === undefined) throw error
    return ended
  }
}
