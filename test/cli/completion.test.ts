import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../packages/cli/src/commands/commands.ts'
import { EXIT_CODES } from '../../packages/cli/src/exit-codes.ts'
import { runCli } from './run-cli.ts'

/** How a shell reads a script without running it; what is not installed is said. */
const SHELLS = [
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
  ['pwsh', ['-NoProfile', '-File']],
] as const

describe('completion', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'completion-'))
    await mkdir(join(folder, 'docs/migrations'), { recursive: true })
    for (const id of ['users.full_name', 'orders.amount']) await writeFile(join(folder, `docs/migrations/${id}.md`), '')
    // It would fail if it were loaded.
    await writeFile(join(folder, 'expand-contract.config.js'), 'throw new Error("loaded")')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(SHELLS)('%s reads its script', async (shell, check) => {
    const { stdout, code } = await runCli(['completion', shell === 'pwsh' ? 'powershell' : shell])
    expect(code).toBe(0)
    for (const { name } of commands) expect(stdout).toContain(name)
    expect(stdout).toContain('--throttle-query'.slice(shell === 'fish' ? 2 : 0))
    if (spawnSync(shell, ['--version']).error !== undefined) {
      console.log(`${shell} is not installed: its completion was not read by it`)
      return
    }
    const file = join(folder, `completion.${shell === 'pwsh' ? 'ps1' : shell}`)
    await writeFile(file, stdout)
    const read = spawnSync(shell, [...check, file], { encoding: 'utf8' })
    expect([read.status, read.stderr]).toEqual([0, ''])
  })

  const shells = { zsh: 'zsh', fish: 'fish' } as const
  function isInstalled(shell: keyof typeof shells): boolean {
    const found = spawnSync(shells[shell], ['--version']).error === undefined
    if (!found) console.log(`${shell} is not installed: its completion was not run by it`)
    return found
  }

  const NONE: readonly string[] = []
  const COMPLETED: readonly (readonly [words: readonly string[], completed: readonly string[]])[] = [
    [['exp'], ['expand']],
    [
      ['verify', ''],
      ['orders.amount', 'users.full_name'],
    ],
    [['verify', 'us'], ['users.full_name']],
    // One id is enough, and some commands take none.
    [['verify', 'users.full_name', 'or'], NONE],
    [['init', 'us'], NONE],
    [['verify', 'users.full_name', '--sh'], ['--show-values']],
    [['repair', 'users.full_name', '--cl'], ['--class']],
    [['status', '--nothing'], NONE],
    [['wait', 'users.full_name', '--for', 'dr'], ['droppable']],
    [['wait', '--for', 'so'], ['soaked']],
    [
      ['rollback', 'users.full_name', '--to', ''],
      ['contract', 'expand', 'off', 'switch'],
    ],
    [['contract', 'users.full_name', '--override', 'so'], ['soak']],
    [['drop', 'users.full_name', '--override', 'hi'], ['hidden']],
    [['measure', '--stage', 'dro'], ['dropped']],
    [['check', '--format', 'sa'], ['sarif']],
    // Nobody can guess a duration, and an id is none.
    [['expand', '--lock-timeout', ''], NONE],
    [['backfill', '--for', '2h', 'or'], ['orders.amount']],
    [['--url', 'postgres://x', 'backf'], ['backfill']],
    [['completion', 'fi'], ['fish']],
    [['help', 'exit'], ['exit-codes']],
  ]
  const sorted = (text: string): readonly string[] =>
    text
      .split('\n')
      .map((line) => line.split('\t')[0] ?? '')
      .filter((each) => each !== '')
      .sort()

  test.each(COMPLETED)('bash completes %j', async (words, completed) => {
    const { stdout } = await runCli(['completion', 'bash'])
    expect(sorted(inBash(stdout, words))).toEqual(completed)
  })

  function inBash(completion: string, words: readonly string[]): string {
    const line = ['expand-contract', ...words].map((word) => `'${word}'`).join(' ')
    const script = `${completion}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _expand_contract; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { cwd: folder, encoding: 'utf8' })
    expect(stderr).toBe('')
    return stdout
  }

  test('bash completes behind the sign of a flag, which is a word of its own, and files', async () => {
    const { stdout } = await runCli(['completion', 'bash'])
    expect(sorted(inBash(stdout, ['wait', '--for', '=', 'ver']))).toEqual(['verified'])
    expect(sorted(inBash(stdout, ['wait', '--for', '=']))).toHaveLength(6)
    expect(sorted(inBash(stdout, ['status', '--config', 'expand-']))).toEqual(['expand-contract.config.js'])
    expect(sorted(inBash(stdout, ['-c', 'x.js', 'stat']))).toEqual(['status'])
  })

  test('a name of a file is never run', async () => {
    const { stdout } = await runCli(['completion', 'bash'])
    const [script, evil] = [stdout, join(folder, 'docs/migrations/evil$(touch ran).md')]
    await writeFile(evil, '')
    try {
      expect(sorted(inBash(script, ['verify', 'ev']))).toEqual(['evil\\$\\(touch\\ ran\\)'])
      expect(existsSync(join(folder, 'ran'))).toBe(false)
    } finally {
      await rm(evil)
    }
  })

  test('a keystroke of bash at a terminal', async (context) => {
    if (spawnSync('script', ['--version']).error !== undefined) return context.skip('script is not installed')
    const { stdout } = await runCli(['completion', 'bash'])
    const file = join(folder, 'keystroke.bash')
    await writeFile(file, `PS1='> '\n${stdout}\nexpand-contract() { echo "got: $*"; }\n`)
    const typed = 'expand-contract ver\tord\t--fo\x15expand-contract wait or\t--for verif\t\nexit\n'
    const { stdout: shown } = spawnSync('script', ['-qec', `bash --noprofile --rcfile ${file} -i`, '/dev/null'], {
      ...{ cwd: folder, encoding: 'utf8', input: typed, env: { PATH: process.env.PATH, TERM: 'dumb' } },
    })
    expect(shown).toContain('got: wait orders.amount --for verified')
  })

  test.each(COMPLETED)('zsh completes %j', async (words, completed) => {
    if (!isInstalled('zsh')) return
    const { stdout } = await runCli(['completion', 'zsh'])
    const line = ['expand-contract', ...words].map((word) => `'${word}'`).join(' ')
    // Widgets work within the line editor alone: what it would be told is printed.
    const script = `compdef() { : }; compset() { : }; _files() { : }
      compadd() { if [[ $1 == -a ]]; then print -rl -- \${(M)\${(P)2}:#\${PREFIX}*}; else shift; print -rl -- \${(M)@:#\${PREFIX}*}; fi }
      ${stdout}
      words=(${line}); CURRENT=$#words; PREFIX=$words[-1]; _expand_contract`
    const found = spawnSync(shells.zsh, ['-f', '-c', script], { cwd: folder, encoding: 'utf8' })
    expect([found.stderr, sorted(found.stdout)]).toEqual(['', completed])
  })

  test.each(COMPLETED)('fish completes %j', async (words, completed) => {
    if (!isInstalled('fish')) return
    const { stdout } = await runCli(['completion', 'fish'])
    const file = join(folder, 'completion-of.fish')
    await writeFile(file, stdout)
    const script = `source ${file}; complete -C '${['expand-contract', ...words].join(' ')}'`
    const found = spawnSync(shells.fish, ['--no-config', '-c', script], { cwd: folder, encoding: 'utf8' })
    expect([found.stderr, sorted(found.stdout)]).toEqual(['', completed])
  })

  test('of a shell that nobody knows ends with 2', async () => {
    expect(await runCli(['completion', 'csh'])).toMatchObject({
      ...{ code: 2, stdout: '', stderr: expect.stringContaining('bash, zsh, fish, powershell') },
    })
  })
})

describe('help', () => {
  test('on exit codes lists each with its meaning', async () => {
    const { code, stdout } = await runCli(['help', 'exit-codes'])
    expect(code).toBe(0)
    for (const { code: each, what } of Object.values(EXIT_CODES)) expect(stdout).toContain(`${each}  ${what}`)
  })

  test('on gates lists each gate that switch asks for, in their order', async () => {
    const { code, stdout } = await runCli(['help', 'gates'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/backfilled[\s\S]*statistics[\s\S]*verified[\s\S]*acknowledged/u)
  })

  test('on a command is what its --help says, on stdout; with a mistake it is on stderr', async () => {
    const help = await runCli(['help', 'verify'])
    expect(help).toEqual(expect.objectContaining({ code: 0, stderr: '' }))
    expect((await runCli(['verify', '--help'])).stdout).toBe(help.stdout)
    for (const [flags] of commands.find(({ name }) => name === 'verify')?.options ?? [])
      expect(help.stdout).toContain(flags)
    expect(await runCli(['verify', '--hlep'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--help'),
    })
  })
})
