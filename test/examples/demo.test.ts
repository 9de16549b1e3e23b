import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../examples/demo')

/** The phases that a way back leads out of: from `dropped` it is the restore. */
const LEFT_BACKWARDS = ['expand', 'switch', 'contract', 'hold', 'dropped']

/** What somebody who watches sees of the last stage, in this order or another. */
const LAST_STAGE = [
  /\| Refused .*customers\.full_name stays in phase switch\./u,
  /\| \[no\] soak /u,
  /SIMULATED: 8 days pass/u,
  /\| \[ok\] Contracted orders\.quantity_big/u,
  /\| Refused .*customers\.full_name stays in phase hold\./u,
  /\| \[no\] backup /u,
  /\| \[ok\] customers\.full_name is in the phase contract again/u,
  /\| \[ok\] Backed up customers\.full_name/u,
  /SIMULATED: 4 days pass/u,
  /\| \[ok\] Dropped the old column of orders\.quantity_big/u,
  /\| \[ok\] customers\.full_name has its old column back/u,
  /\| \[ok\] customers\.full_name is in the phase switch again/u,
]

/** Where the demo keeps what it has to remove again. */
let scratch: string

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'ec-demo-'))
  // The server of the demo runs as another user when this is root.
  chmodSync(scratch, 0o755)
})

afterAll(() => rmSync(scratch, { recursive: true }))

interface Demo {
  readonly child: ChildProcess
  readonly exitCode: Promise<unknown>
  /** Everything printed until a text appears, or until the end. */
  printedUntil(text: string): Promise<string>
}

/** The demo with a small table and less to watch. It starts its own servers, on the newest PostgreSQL. */
function startDemo(): Demo {
  const child = spawn(process.execPath, ['--conditions=@expand-contract/source', 'src/main.ts'], {
    cwd: folder,
    env: { ...process.env, TMPDIR: scratch, DEMO_CUSTOMERS: '5000', DEMO_LONGEST_WATCH_SECONDS: '3' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exitCode = once(child, 'close').then(([code]) => code as unknown)
  let printed = ''
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
    for (const listener of listeners) listener()
  })
  return {
    child,
    exitCode,
    printedUntil: (text) =>
      new Promise((resolve) => {
        const check = (): void => void (printed.includes(text) && resolve(printed))
        listeners.add(check)
        check()
        void exitCode.then(() => resolve(printed))
      }),
  }
}

test('the demo goes through all four stages and back with nothing failed, mismatched, mixed or lost', {
  timeout: 600_000,
}, async () => {
  const demo = startDemo()
  const exitCode = await demo.exitCode
  const printed = await demo.printedUntil('')
  expect(exitCode, printed).toBe(0)
  expect(JSON.parse(printed.trimEnd().split('\n').at(-1) ?? ''), printed).toEqual({
    failedStatements: 0,
    mismatchedRows: 0,
    flipToNewMs: expect.any(Number),
    flipBackMs: expect.any(Number),
    statements: expect.any(Number),
    mixedRequests: 0,
    earlyReads: 0,
    rowsLost: 0,
    rollbackMs: Object.fromEntries(LEFT_BACKWARDS.map((phase) => [phase, expect.any(Number)])),
  })
  expect(printed).toMatch(/\| Refused .*customers\.full_name stays in phase expand\./u)
  expect(printed).toContain('      exit code 3')
  expect(printed).toContain('| [ok] Switched customers.full_name.')
  expect(printed).toContain('| [ok] orders.quantity_big is off')
  for (const said of LAST_STAGE) expect(printed).toMatch(said)
  expect(readdirSync(scratch)).toEqual([])
})

test.each(['1. before', '$ expand-contract expand customers.full_name'])(
  'Ctrl-C at "%s" ends it without a process or a file left',
  { timeout: 600_000 },
  async (moment) => {
    const demo = startDemo()
    const printed = await demo.printedUntil(moment)
    demo.child.kill('SIGINT')
    expect(await demo.exitCode, printed).toBe(1)
    expect(readdirSync(scratch)).toEqual([])
    const unleash = /http:\S+(?=\.\n)/u.exec(printed)?.[0] ?? ''
    await expect(fetch(unleash)).rejects.toThrow('fetch failed')
  },
)
