import { commands } from '../commands/commands.ts'
import { GLOBAL_OPTIONS } from '../global-options.ts'
import type { CliOption } from '../run-command.ts'

/** Of a flag that takes something: the words that it takes, or names of files, or undefined for what nobody can guess. */
export interface CompletedFlag {
  readonly flag: string
  readonly takes: readonly string[] | 'file' | undefined
}

/** A command, with what may stand behind it. */
export interface CompletedCommand {
  readonly name: string
  readonly takesId: boolean
  /** All of its long flags. */
  readonly flags: readonly string[]
  /** Those that take something; global ones are not among them. */
  readonly taking: readonly CompletedFlag[]
}

const longOf = ([flags]: CliOption): string => /--[\w-]+/u.exec(flags)?.[0] ?? ''

const takingOf = (options: readonly CliOption[]): readonly CompletedFlag[] =>
  options.flatMap((option) => (option[0].includes('<') ? [{ flag: longOf(option), takes: option[2] }] : []))

export const GLOBAL_TAKING: readonly CompletedFlag[] = takingOf(GLOBAL_OPTIONS)

export const completedCommands: readonly CompletedCommand[] = commands.map(({ name, usage, options = [] }) => ({
  name,
  takesId: /[<[]id[>\]]/u.test(usage),
  flags: [...options, ...GLOBAL_OPTIONS].map(longOf).concat('--help'),
  taking: takingOf(options),
}))

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

/** Words behind commands that are none of the list. */
export const OTHERS: Readonly<Record<string, readonly string[]>> = {
  completion: SHELLS,
  help: [...commands.map(({ name }) => name), 'exit-codes', 'gates'],
}

export const commandNames: readonly string[] = [...commands.map(({ name }) => name), ...Object.keys(OTHERS)]
