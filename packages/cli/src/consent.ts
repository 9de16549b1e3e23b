import { confirm, isCancel, text } from '@clack/prompts'
import { shellWord } from '@expand-contract/core'
import { cliError } from './cli-error.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'

/** Whether somebody can be asked. */
const mayAsk = (io: Io, { input, json }: Globals): boolean =>
  input !== false && json !== true && io.stdin.isTTY === true && io.stderr.isTTY === true && !io.env.CI

export interface Consent {
  readonly io: Io
  readonly globals: Globals
  /** The whole command, with the flag that answers this question. */
  readonly command: string
}

/**
 * For what changes something and can be taken back. Escape, Ctrl-C, the end of the input and an empty answer are "no".
 * @throws EC_CONSENT
 */
export async function askToContinue({ io, globals, command }: Consent): Promise<void> {
  if (globals.yes === true) return
  if (!mayAsk(io, globals)) throw notConfirmed('There is no terminal to ask on', `${command} --yes`)
  const answer = await untilClosed(
    io,
    confirm({ message: 'Continue?', initialValue: false, output: io.stderr as never }),
  )
  if (answer !== true) throw notConfirmed('It was declined', `${command} --yes`)
}

/**
 * For what destroys something: the name of the thing and of the database, so that nobody consents to the right operation on the
 * wrong database. `--yes` does not answer it.
 * @throws EC_CONSENT
 */
export async function askForName(
  { io, globals, command }: Consent,
  token: string,
  given: string | undefined,
): Promise<void> {
  if (given === token) return
  const flag = `${command} --confirm ${shellWord(token)}`
  if (given !== undefined)
    throw notConfirmed(`--confirm is ${JSON.stringify(given)}, and what would be destroyed is ${token}`, flag)
  if (!mayAsk(io, globals)) throw notConfirmed('There is no terminal to ask on', flag)
  const message = `There is no undo. Type ${token} to go on, anything else to stop:`
  const answer = await untilClosed(io, text({ message, output: io.stderr as never }))
  if (isCancel(answer) || answer !== token) throw notConfirmed('It was declined', flag)
}

/** A prompt never settles once its input has ended. */
function untilClosed<T>(io: Io, asked: Promise<T>): Promise<T | undefined> {
  const closed = new Promise<undefined>((resolve) => {
    io.stdin.once('close', () => resolve(undefined))
    io.stdin.once('end', () => resolve(undefined))
  })
  return Promise.race([asked, closed])
}

const notConfirmed = (why: string, command: string): Error =>
  cliError('EC_CONSENT', { message: `Not confirmed: ${why}. Nothing was changed.`, hint: `Run: ${command}` })
