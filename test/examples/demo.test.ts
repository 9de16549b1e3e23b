import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../examples/demo')

/** The demo with a small table and less to watch. It starts its own servers, on the newest PostgreSQL. */
function startDemo(): { readonly printed: Promise<string>; readonly code: Promise<unknown> } {
  const child = spawn(process.execPath, ['--conditions=@expand-contract/source', 'src/main.ts'], {
    cwd: folder,
    env: { ...process.env, DEMO_CUSTOMERS: '5000', DEMO_LONGEST_WATCH_SECONDS: '3' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return {
    printed: text(child.stdout),
    code: once(child, 'exit').then(([code]) => code),
  }
}

test('the demo goes through all stages with nothing failed, mismatched or mixed', { timeout: 180_000 }, async () => {
  const demo = startDemo()
  const printed = await demo.printed
  const summary = JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '')
  expect(summary, printed).toEqual({
    failedStatements: 0,
    mismatchedRows: 0,
    flipToNewMs: expect.any(Number),
    flipBackMs: expect.any(Number),
    statements: expect.any(Number),
    mixedRequests: 0,
  })
  expect(await demo.code).toBe(0)
})
