import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The long comparison: half of the example statements in every situation, and 20,000 generated ones from a new seed. */
const root = join(import.meta.dirname, '../..')
const vitest = join(root, 'node_modules/.bin/vitest')

const child = spawn(vitest, ['run', '--project', 'postgres', 'test/differential'], {
  cwd: root,
  env: { EC_DIFFERENTIAL: '50', EC_RUNS: '20000', EC_SEED: 'random', ...process.env },
  stdio: ['ignore', 'inherit', 'inherit'],
  shell: process.platform === 'win32',
})
const [code] = (await once(child, 'close')) as [number | null]
process.exitCode = code ?? 1
