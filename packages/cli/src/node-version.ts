import { resultJson } from './json/result-json.ts'

/** zstd, in which backups are compressed, came with it. */
const NEEDED = [22, 15] as const

/** Of `process.versions`: Bun and Deno say which Node they take after, and have what is needed or say so themselves. */
export function isOldNode({ node, bun, deno }: Readonly<Record<string, string | undefined>>): boolean {
  if (bun !== undefined || deno !== undefined) return false
  const [major = 0, minor = 0] = (node ?? '0').split('.').map(Number)
  return major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])
}

export interface OldNode {
  readonly version: string
  readonly argv: readonly string[]
}

/** What is said instead of running; a line of JSON for `stdout` where it is asked for. */
export function oldNodeText({ version, argv }: OldNode): { readonly stdout: string; readonly stderr: string } {
  const message = `EC_NODE: expand-contract needs Node ${NEEDED.join('.')} or newer, and this is ${version}. Nothing was done.`
  const hint = 'Run the same command with a newer Node; it may be another one than that of the application.'
  if (!argv.includes('--json')) return { stdout: '', stderr: `${message}\n  ${hint}\n` }
  const command = argv.find((each) => !each.startsWith('-')) ?? ''
  const error = { code: 'EC_NODE', message, hint }
  return { stdout: `${JSON.stringify(resultJson({ command, ending: 'notStarted', result: {}, error }))}\n`, stderr: '' }
}
