import { spawnSync } from 'node:child_process'
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

  test.each([
    [['exp'], ['expand']],
    [
      ['verify', ''],
      ['orders.amount', 'users.full_name'],
    ],
    [['verify', 'us'], ['users.full_name']],
    [['verify', 'users.full_name', '--sh'], ['--show-values']],
    [['repair', 'users.full_name', '--cl'], ['--class']],
    [['status', '--nothing'], []],
  ])('bash completes %j', async (words, completed) => {
    const { stdout } = await runCli(['completion', 'bash'])
    const line = ['expand-contract', ...words].map((word) => `'${word}'`).join(' ')
    const script = `${stdout}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _expand_contract; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout: found } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
    expect(
      found
        .split('\n')
        .filter((each) => each !== '')
        .sort(),
    ).toEqual(completed)
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
