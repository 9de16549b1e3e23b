/**
 * What a process pays once, of the packages as they are built: `npx pnpm build`, then `npx pnpm bench:start-up`. One process per
 * start; prints each figure's median and range.
 */
import { execFileSync } from 'node:child_process'

const STARTS = 7

if (process.argv[2] === 'one') {
  const { default: pg } = await import('pg')
  if (typeof pg.Client !== 'function') throw new Error('pg has no client')
  globalThis.gc?.()
  const bare = process.memoryUsage().rss
  const began = performance.now()
  const { createRuntime, renameColumn } = await import('@expand-contract/core')
  await import('@expand-contract/pg')
  const imported = performance.now()
  const runtime = await createRuntime({ migrations: [renameColumn({ table: 'users', from: 'name', to: 'full_name' })] })
  const created = performance.now()
  globalThis.gc?.()
  const memory = (process.memoryUsage().rss - bare) / 2 ** 20
  await runtime.close()
  console.log(JSON.stringify([imported - began, created - imported, memory]))
} else {
  const starts = Array.from({ length: STARTS }, () =>
    JSON.parse(execFileSync(process.execPath, ['--expose-gc', import.meta.filename, 'one'], { encoding: 'utf8' })),
  ) as number[][]
  for (const [nr, what] of ['importing, ms', 'createRuntime, ms', 'resident memory above pg alone, MiB'].entries()) {
    const sorted = starts.map((figures) => figures[nr] ?? Number.NaN).toSorted((a, b) => a - b)
    const [low = 0, median = 0, high = 0] = [sorted[0], sorted[STARTS >> 1], sorted.at(-1)]
    console.log(`${what}: ${median.toFixed(0)} (${low.toFixed(0)} .. ${high.toFixed(0)})`)
  }
}
