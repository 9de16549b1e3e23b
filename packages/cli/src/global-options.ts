import type { CliOption } from './run-command.ts'

/** Options that every command has. */
export const GLOBAL_OPTIONS = [
  ['-c, --config <path>', 'the configuration; else expand-contract.config.{ts,mts,js,mjs} here or above', 'file'],
  ['--url <url>', 'the database; better DATABASE_URL, since arguments can be seen by others'],
  ['--env-file <path>', 'reads environment variables from a file; none is read by itself', 'file'],
  ['--json', 'one object on stdout; what takes long adds a line for each event before it'],
  ['-q, --quiet', 'no progress, no remarks'],
  ['-v, --verbose', 'all of a list that is cut otherwise'],
  ['--no-color', 'no colours; NO_COLOR and FORCE_COLOR count as well'],
  ['-y, --yes', 'goes on without asking, where what is done can be taken back'],
  ['--no-input', 'never asks; what needs an answer ends with 5'],
] as const satisfies readonly CliOption[]
